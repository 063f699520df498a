"""A store that fails over: its connections end, then nobody is in charge, then a standby answers
that only reads, and at last it takes over.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from psycopg import sql

from risk.verify.chaos.faults import owners
from risk.verify.chaos.faults.full import read_only, writable
from risk.verify.chaos.plan import Action
from risk.verify.chaos.testbed import Span, Testbed

_ENDED: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
_STALE: Final = "replica-serve-stale-data"


def fail_over_store(testbed: Testbed, action: Action) -> Span:
    """For half of the time nobody is in charge, for the other half a standby answers."""
    with owners.told(action.target):
        begin = time.monotonic()
        FAILS_OVER[action.target](testbed, action.seconds / 2)
        return Span(begin, time.monotonic())


def _postgres(testbed: Testbed, half_s: float) -> None:
    """No session is let in, and then they are, to read."""
    name = testbed.settings.postgres.database
    database = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")

    def let_in(whether: bool) -> sql.Composed:
        return database.format(sql.Identifier(name), sql.Literal(whether))

    with owners.postgres(testbed.settings) as owner:
        try:
            read_only(owner)
            owner.execute(let_in(False))
            owner.execute(_ENDED, [name])
            testbed.hold(half_s)
            owner.execute(let_in(True))
            testbed.hold(half_s)
        finally:
            owner.execute(let_in(True))
            writable(owner)


def _redis(testbed: Testbed, half_s: float) -> None:
    """A replica of a master that can't be reached: it answers nobody (MASTERDOWN), and then who
    reads (READONLY). It would lose its data only to a master that it reaches.
    """
    with owners.cache(testbed.settings) as owner, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # no one can listen there, and this doesn't
        stale = owners.setting(owner, _STALE)
        try:
            owner.config_set(_STALE, "no")
            owner.replicaof("127.0.0.1", nobody.getsockname()[1])
            owner.client_kill_filter(_type="normal", skipme=True)
            testbed.hold(half_s)
            owner.config_set(_STALE, "yes")
            testbed.hold(half_s)
        finally:
            owner.replicaof("NO", "ONE")
            owner.config_set(_STALE, stale)


FAILS_OVER: Final[Mapping[str, Callable[[Testbed, float], None]]] = MappingProxyType(
    {"postgres": _postgres, "redis": _redis}
)
