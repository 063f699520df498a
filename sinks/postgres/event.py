"""What Postgres holds of one event."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import psycopg
from psycopg.rows import dict_row

from risk.settings import Settings
from sinks.postgres.connect import connect, unavailable
from sinks.sql import statement

Rows = list[dict[str, Any]]


def event(settings: Settings, event_id: str, users: Collection[str] = ()) -> tuple[Rows, Rows]:
    """The event's scores under all rulesets, and its transactions: one for each user.

    `users` are those known to have it: without any, and without a score, the whole archive is
    searched. Times are in ms UTC. Raises `Unavailable`.
    """
    values: dict[str, Any] = {"event_id": event_id}
    try:
        with connect(settings) as connection, connection.cursor(row_factory=dict_row) as cursor:
            scores = cursor.execute(statement("event_scores"), values).fetchall()
            known = sorted({*users, *(row["user_id"] for row in scores)})
            values["users"] = known or None
            transactions = cursor.execute(statement("event_transactions"), values).fetchall()
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
    return scores, transactions
