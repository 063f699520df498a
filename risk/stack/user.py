"""Servers that refuse to run as root run as `nobody` then."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

from risk.paths import ROOT

NOBODY = 65534


def service_user() -> int | None:
    """The user id for servers that refuse root; None: this user will do."""
    return NOBODY if os.geteuid() == 0 else None


def own(path: Path, user: int | None) -> None:
    """Give a folder and all in it to a user."""
    if user is not None:
        for found in (path, *path.rglob("*")):
            os.chown(found, user, user, follow_symlinks=False)


def as_user(argv: list[str], user: int | None, home: Path) -> tuple[list[str], dict[str, Any]]:
    """The command, and the arguments for `Popen`, to run it as a user.

    Where the user can't enter the checkout or the data folder (under /root, say) the process keeps
    root's right to pass through; that needs `setpriv`. Raises `FileNotFoundError` without it.
    """
    if user is None:
        return argv, {}
    read = (ROOT, Path(sys.prefix), Path(argv[0]).absolute().parent)
    closed = [place for place in read if not _open_to_all(place)]
    if not _open_to_all(home, stat.S_IXOTH):  # it has a folder of its own in there
        closed.append(home)
    if not closed:
        return argv, {"user": user, "group": user, "extra_groups": []}
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise FileNotFoundError(
            2, "only root can enter it: install setpriv, or move it elsewhere", str(closed[0])
        )
    drop = [setpriv, f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    # Without the securebit, access(2) forgets the right, and Java believes that files are missing.
    keep = [
        *("--securebits=+no_setuid_fixup", "--inh-caps=+dac_override"),
        "--ambient-caps=+dac_override",
    ]
    return [*drop, *keep, "--", *argv], {}


def _open_to_all(path: Path, needed: int = stat.S_IXOTH | stat.S_IROTH) -> bool:
    """Whether any user has these rights to a folder, and may pass through those above it."""

    def allows(folder: Path, rights: int) -> bool:
        return folder.stat().st_mode & rights == rights

    return allows(path, needed) and all(allows(above, stat.S_IXOTH) for above in path.parents)
