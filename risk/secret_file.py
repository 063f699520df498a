"""A secret that settings give, or that a file of theirs holds."""

from __future__ import annotations

import errno
from pathlib import Path

from risk.config.types import is_secret

MOST_BYTES = 4_096  # of a file: more than the longest secret takes


def secret(given: str | None, file: str | None) -> str | None:
    """What is given, else what the file holds now; None without either. Raises `OSError`.

    Ask at each connection, and not once: the file may hold another one by then. A line break at
    its end is an editor's, and no part of the secret. A file of nothing is refused: a server would
    take it for one without a password.
    """
    if given is not None or file is None:
        return given
    try:
        with Path(file).open("rb") as opened:
            found = opened.read(MOST_BYTES).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise OSError(errno.EINVAL, "it is not UTF-8", file) from None
    if not is_secret(found):
        wanted = "expected 1 to 512 characters in one line, no control characters"
        raise OSError(errno.EINVAL, wanted, file)
    return found
