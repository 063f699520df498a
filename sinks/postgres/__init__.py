"""Postgres: every score under every ruleset, the rules' hits, and the archive of transactions."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.engine.delivery import Sink
from sinks.postgres.erase import count, erase
from sinks.postgres.erased import add_erased, erased
from sinks.postgres.event import archived, find
from sinks.postgres.migrations import migrate
from sinks.postgres.place import apart, make, remove
from sinks.postgres.probe import probe
from sinks.postgres.retention import count_expired, expire, retention_limit
from sinks.postgres.scan import scan
from sinks.postgres.wipe import wipe
from sinks.postgres.writer import PostgresSink

__all__ = [
    "PROBE_PAUSE_S",
    "add_erased",
    "apart",
    "archived",
    "count",
    "create",
    "erase",
    "erased",
    "find",
    "make",
    "migrate",
]
__all__ += ["count_expired", "expire", "probe", "remove", "retention_limit", "scan", "wipe"]

PROBE_PAUSE_S = 0.01


def create(settings: Settings) -> Sink:
    """Postgres's writer. It takes the scores of all rulesets, live or not."""
    return PostgresSink(settings)
