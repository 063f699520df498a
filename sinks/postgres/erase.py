"""Removes a user's payments from Postgres: scores, hits and the archive."""

from __future__ import annotations

import psycopg

from risk.config.settings import Settings
from sinks.postgres.connect import connect, unavailable
from sinks.sql import statement

TABLES = ("risk_scores", "rule_hits", "transactions")


def count(settings: Settings, user_id: str, upto: int) -> dict[str, int]:
    """How many rows of each table are a user's, up to an event time in ms UTC.

    Raises `Unavailable`.
    """
    return counted(settings, "count_user", TABLES, user_id, upto)


def erase(settings: Settings, user_id: str, upto: int) -> dict[str, int]:
    """Delete these rows; how many there were. Raises `Unavailable`."""
    return counted(settings, "erase_user", TABLES, user_id, upto)


def counted(
    settings: Settings, name: str, tables: tuple[str, ...], user_id: str, upto: int
) -> dict[str, int]:
    """What a statement says of each of these tables. It may take any time: no index is by user."""
    values = {"user_id": user_id, "upto": upto}
    try:
        with connect(settings, statement_ms=0) as connection:
            row = connection.execute(statement(name), values).fetchone()
            assert row is not None, "it is one of sums"
            return dict(zip(tables, row, strict=True))
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
