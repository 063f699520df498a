"""A server that is one process of this program itself: how it is started and stopped."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import ClassVar

from risk.config.settings import Settings, to_environment
from risk.paths import ROOT
from risk.stack import process
from risk.stack.process import Home
from risk.stack.roles import Role
from risk.stack.secrets import with_generated


def spawn(settings: Settings, home: Home, role: Role, name: str, *words: str) -> None:
    """Start this program with these words as the process of that name, unless it runs.

    In a secure stack it is told the accounts of its role.
    """
    if not process.alive(home, name):
        process.spawn(
            home,
            name,
            [Path(sys.prefix) / "bin" / "risk", *words],
            env=os.environ | to_environment(with_generated(settings, home, role)),
            cwd=ROOT,
        )


class RiskProcess:
    """The command `run` of that name. A server adds where it listens, and when it is healthy."""

    name: ClassVar[str]
    role: ClassVar[Role] = "console"

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home

    def processes(self) -> list[str]:
        """One, of the server's name."""
        return [self.name]

    def start(self) -> None:
        """Start it unless it runs."""
        spawn(self._settings, self._home, self.role, self.name, self.name, "run")

    def stop(self) -> None:
        """Stop it: what it had to keep is in Kafka or Postgres."""
        process.stop(self._home, self.name)
