"""What Postgres holds of the payments under one event_id."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
import psycopg
from psycopg.rows import dict_row

from risk.config.settings import Settings
from sinks.found import TRANSACTION, Archived, Found, Scored
from sinks.postgres.connect import connect, unavailable
from sinks.sql import statement


def find(settings: Settings, event_id: str, user_id: str | None = None) -> Found:
    """The scores under all rulesets, and the transactions: of every user, or of one alone.

    Raises `Unavailable`.
    """
    values = {"event_id": event_id, "user_id": user_id}
    try:
        with connect(settings) as connection, connection.cursor(row_factory=dict_row) as cursor:
            scores = cursor.execute(statement("event_scores"), values).fetchall()
            transactions = cursor.execute(statement("event_transactions"), values).fetchall()
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
    return Found(
        (["risk_scores"] if scores else []) + (["transactions"] if transactions else []),
        scores=[msgspec.convert(row, Scored) for row in scores],
        archived=[_archived(row) for row in transactions],
    )


def archived(settings: Settings, event_ids: Collection[str]) -> int:
    """How many transactions there are under these ids. Raises `Unavailable`."""
    try:
        with connect(settings) as connection:
            row = connection.execute(statement("count_archived"), ([*event_ids],)).fetchone()
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
    return row[0] if row else 0


def _archived(row: dict[str, Any]) -> Archived:
    return Archived(
        row["user_id"],
        row["event_time"],
        {name: row[name] for name in TRANSACTION},
        row["outcome"] == "late",
        row["late_by"],
        row["behind"],
    )
