"""Drift as it was found before: kept in Postgres by who measures it again and again."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec

from risk.config.settings import Settings
from risk.registry import drift
from risk.registry.session import Cursor, session
from risk.verify.drift.report import Report


class Kept(NamedTuple):
    """A report, and when it was made."""

    measured_at: datetime
    report: Report


def keep(settings: Settings, at: int, report: Report) -> None:
    """Keep what was found at a time in ms UTC. Raises `Unavailable`."""
    with session(settings) as cursor:
        drift.note(cursor, report.ruleset, at, report.level, msgspec.to_builtins(report))


def latest(cursor: Cursor) -> Kept | None:
    """What was found last; None before anything was, or if other code has made it."""
    found = drift.latest(cursor)
    if found is None:
        return None
    try:
        return Kept(found.measured_at, msgspec.convert(found.report, Report))
    except msgspec.ValidationError:
        return None
