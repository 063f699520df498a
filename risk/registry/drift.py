"""What Postgres keeps of drift: the last report of each hour, for 30 days."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg.types.json import Jsonb

from risk.config.types import DAY_MS
from risk.registry.session import Cursor
from sinks.sql import statement

KEPT_MS: Final = 30 * DAY_MS


class Noted(msgspec.Struct, frozen=True):
    """A report as it was noted."""

    measured_at: datetime
    report: dict[str, Any]


class Point(msgspec.Struct, frozen=True):
    """A report in short; `feature` has moved most. None: there were too few payments."""

    measured_at: datetime
    level: str
    score_psi: float | None
    feature: str | None
    feature_psi: float | None


def note(cursor: Cursor, ruleset: str, at: int, level: str, report: dict[str, Any]) -> None:
    """Keep a report that was made `at` a time in ms UTC, and forget those of 30 days before."""
    values = {"ruleset": ruleset, "at": at, "level": level, "report": Jsonb(report)}
    cursor.execute(statement("note_drift"), values)
    cursor.execute(statement("forget_drift"), {"before": at - KEPT_MS})


def latest(cursor: Cursor) -> Noted | None:
    """The last report; None before there is one."""
    row = cursor.execute(statement("latest_drift")).fetchone()
    return None if row is None else msgspec.convert(row, Noted)


def series(cursor: Cursor, ruleset: str, since: int) -> list[Point]:
    """A ruleset's reports since a time in ms UTC, in the order of time."""
    rows = cursor.execute(statement("drift_series"), {"ruleset": ruleset, "since": since})
    return msgspec.convert(rows.fetchall(), list[Point])
