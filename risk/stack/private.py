"""Files that only their owner may read, and the passwords that they hold."""

from __future__ import annotations

import errno
import os
import secrets
import threading
from pathlib import Path

from risk.errors import StackError
from risk.secret_file import secret
from risk.stack.process import Home

FOLDER = "secrets"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read: whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def generated(home: Home, name: str) -> str:
    """A password that is made when it is first asked for. Raises `StackError`."""
    path = place(home, name)
    try:
        path.parent.chmod(0o700)
        if not path.exists():
            # Written aside and linked, so that a second process never reads half a password.
            draft = path.with_suffix(f".{os.getpid()}")
            write_private(draft, fresh())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return read(path)
    except OSError as error:
        raise StackError(f"{error.filename}: {error.strerror}: it holds a password") from None


def read(path: Path) -> str:
    """The password that a file holds. Raises `StackError` for one of none: servers that were told
    an empty one would let anybody in. Raises `OSError`.
    """
    try:
        found = secret(None, str(path))
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise StackError(f"{path}: it holds no password: put back what it held") from None
    assert found is not None, "a file was named"
    return found


def fresh() -> str:
    """A password that nobody has had: 192 bits of randomness, in letters of URLs."""
    return secrets.token_urlsafe(24)


def place(home: Home, name: str) -> Path:
    """The file that holds a password."""
    return home.folder(FOLDER) / name
