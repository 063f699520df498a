"""Whether the data folder's stack is secure: settled when it is made, and found there."""

from __future__ import annotations

from risk.errors import StackError
from risk.stack.private import write_private
from risk.stack.process import Home

FILE = "secrets/secure"
# What a server has kept: made without accounts and TLS, it can't be given them afterwards.
KEPT = (
    *("postgres/data", "redis/appendonlydir", "redis/appendonly.aof", "elasticsearch/data"),
    *("kafka/data", "kafka/1/data"),
)


def is_so(home: Home) -> bool:
    """Whether it was made with `risk up --secure`."""
    return (home.path / FILE).exists()


def settle(home: Home) -> None:
    """Make it secure. Raises `StackError` if servers have run in the folder without it."""
    if is_so(home):
        return
    found = next((home.path / name for name in KEPT if (home.path / name).exists()), None)
    if found is not None:
        raise StackError(
            f"--secure: {found} was made without: set data_dir to a new folder, or `risk down` and "
            f"remove {home.path}, which loses all that is in it"
        )
    home.folder("secrets")
    write_private(home.path / FILE, "1\n")
