"""Reads feedback back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import psycopg

from risk.config.settings import Settings
from risk.engine.feedback import SCHEMA_VERSION, Feedback, Logged
from sinks.postgres.connect import connect, unavailable
from sinks.sql import statement

PAGE = 5_000


def history(settings: Settings, event_id: str, user_id: str | None = None) -> list[Logged]:
    """What was said of the payments under an event_id, of every user or of one; in the log's order.

    Raises `Unavailable`.
    """
    values = {"event_id": event_id, "user_id": user_id}
    try:
        with connect(settings) as connection:
            return [_logged(row) for row in connection.execute(statement("event_feedback"), values)]
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def recall(settings: Settings) -> Iterator[Logged]:
    """All of it, payment by payment, as of one moment. Raises `Unavailable`."""
    try:
        with (
            connect(settings) as connection,
            connection.transaction(),
            connection.cursor("scan") as cursor,
        ):
            cursor.itersize = PAGE
            cursor.execute(statement("scan_feedback"))
            yield from map(_logged, cursor)
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def waiting(settings: Settings, limit: int) -> tuple[int, list[Feedback]]:
    """How many payments have a verdict but no score, and the verdicts that were said last.

    Raises `Unavailable`.
    """
    try:
        with connect(settings) as connection:
            rows = connection.execute(statement("waiting_feedback"), (limit,)).fetchall()
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
    return (rows[0][-1] if rows else 0), [_feedback(row) for row in rows]


def payments(settings: Settings, event_ids: Sequence[str]) -> list[tuple[str, str, int]]:
    """The payments that have a score, as (event_id, user_id, event_time). Raises `Unavailable`."""
    try:
        with connect(settings) as connection:
            rows = connection.execute(statement("payments_of_events"), ([*event_ids],))
            return [(event_id, user_id, event_time) for event_id, user_id, event_time in rows]
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def _logged(row: Sequence[Any]) -> Logged:
    return Logged(_feedback(row), *row[8:])


def _feedback(row: Sequence[Any]) -> Feedback:
    values = (SCHEMA_VERSION, *row[:8])
    return msgspec.convert(dict(zip(Feedback.__struct_fields__, values, strict=True)), Feedback)
