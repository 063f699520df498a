"""A secure stack of a test module's own, and who may look at its files."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec.structs import replace

from risk.config.settings import Settings
from risk.stack.process import Home
from risk.stack.roles import Role
from risk.stack.secrets import with_generated
from risk.stack.up import down, up
from tests.integration.test_stack import free_port, quiet


class Secure:
    """A secure stack's settings, by role."""

    def __init__(self, settings: Settings, home: Home) -> None:
        self.bare, self.home = settings, home

    def as_role(self, role: Role) -> Settings:
        """What a process of that role is told."""
        return with_generated(self.bare, self.home, role)


def own_ports(settings: Settings) -> Settings:
    """Without the passwords of the tests' other stack, at ports that are free."""
    kafka, elastic = settings.kafka, settings.elasticsearch
    return replace(
        settings,
        kafka=replace(
            kafka,
            port=free_port(),
            controller_port=free_port(),
            broker_port=free_port(),
            heap_mb=256,
        ),
        postgres=replace(settings.postgres, port=free_port(), password=None),
        redis=replace(settings.redis, port=free_port(), password=None),
        elasticsearch=replace(elastic, port=free_port(), transport_port=free_port()),
    )


@contextmanager
def running(settings: Settings, folder: Path, *names: str) -> Iterator[Secure]:
    """The named servers of a secure stack, which are stopped at the end."""
    folder.chmod(0o755)
    own, home = own_ports(settings), Home(folder / "data")
    try:
        up(own, home, names, quiet, secure=True)
        yield Secure(own, home)
    finally:
        down(own, home, names, quiet)


def holders(home: Home, secret: str) -> list[str]:
    """The files of the data folder that hold a text."""
    return all_holders(home, [secret])[secret]


def all_holders(home: Home, secrets: Collection[str]) -> dict[str, list[str]]:
    """The same of several texts, by text, at the price of one."""
    found: dict[str, list[str]] = {secret: [] for secret in secrets}
    for folder, _, names in os.walk(home.path):
        for path in (Path(folder) / name for name in names):
            content = b""
            with suppress(FileNotFoundError):  # servers tidy up meanwhile
                content = path.read_bytes() if path.is_file() else b""
            for secret in secrets:
                if secret.encode() in content:
                    found[secret].append(path.relative_to(home.path).as_posix())
    return found


def readable(home: Home) -> list[str]:
    """What of the secrets others than the owner could read."""
    # What is in the folder is behind its door; a file that is moved away keeps its own.
    folder = home.path / "secrets"
    paths = [folder, *(path for path in folder.rglob("*") if path.is_file())]
    return [str(path) for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
