"""One command at a time starts or stops a data folder's servers, or gives them other passwords."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from risk.errors import StackError
from risk.stack.process import Home


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Held meanwhile. Raises `StackError` at once if another command holds it."""
    path = home.folder("run") / "lock"
    with ExitStack() as held:
        try:
            fcntl.flock(held.enter_context(path.open("w")), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = "another `risk up`, `risk down` or `risk secrets rotate` is at work"
            raise StackError(f"{home.path}: {other}: wait for it") from None
        except PermissionError:
            raise StackError(f"{path} belongs to another user: set data_dir") from None
        yield
