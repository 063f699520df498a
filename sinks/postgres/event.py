"""What Postgres holds of the payments under one event_id."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from risk.config.settings import Settings
from sinks.postgres.connect import connect, unavailable
from sinks.sql import statement

Rows = list[dict[str, Any]]


def find(settings: Settings, event_id: str, user_id: str | None = None) -> tuple[Rows, Rows]:
    """The scores under all rulesets, and the transactions: of every user, or of one alone.

    Times are in ms UTC. Raises `Unavailable`.
    """
    values = {"event_id": event_id, "user_id": user_id}
    try:
        with connect(settings) as connection, connection.cursor(row_factory=dict_row) as cursor:
            scores = cursor.execute(statement("event_scores"), values).fetchall()
            transactions = cursor.execute(statement("event_transactions"), values).fetchall()
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
    return scores, transactions
