"""Whether the data folder's stack is secure: settled when it is made, and found there."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.config.types import is_loopback
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


def check_flink(settings: Settings) -> None:
    """Raise `StackError` if its REST port, which has neither TLS nor accounts, is open to others.

    Whoever comes to it can submit a job, which has the passwords of its role.
    """
    if not is_loopback(settings.flink.host):
        raise StackError(
            f"flink.host: {settings.flink.host} is open to other machines, and Flink here has no "
            "TLS and no accounts: in a secure stack it listens on a loopback address, as 127.0.0.1"
        )
