"""Flagged payments in Postgres, page by page."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import psycopg
from psycopg.rows import dict_row

from risk.config.settings import Settings
from sinks.postgres.connect import connect, unavailable
from sinks.sql import statement

STATEMENT_MS: Final = 10_000


class Wanted(NamedTuple):
    """Which alerts: None is any. `since` and `until` bound the event time, in ms UTC."""

    decision: str | None = None
    user_id: str | None = None
    ruleset: str | None = None
    min_score: int | None = None
    since: int | None = None
    until: int | None = None


class Place(NamedTuple):
    """An alert's place in the order: no two have the same, and none ever changes."""

    time: int | None = None
    event: str | None = None
    user: str | None = None
    ruleset: str | None = None
    version: int | None = None


FIRST: Final = Place()


def alerts(
    settings: Settings, wanted: Wanted, after: Place, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """The live decisions that are no ALLOW, the latest event first, and whether there are more.

    Those behind the place `after`. Raises `Unavailable`.
    """
    values = {
        **wanted._asdict(),
        **{f"after_{name}": value for name, value in after._asdict().items()},
        "limit": limit + 1,
    }
    try:
        with (
            connect(settings, STATEMENT_MS) as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            rows = cursor.execute(statement("list_alerts"), values).fetchall()
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
    return rows[:limit], len(rows) > limit


def place(row: dict[str, Any]) -> Place:
    """The place of an alert."""
    return Place(
        *(row[name] for name in ("event_time", "event_id", "user_id", "ruleset", "ruleset_version"))
    )
