"""Empties Postgres of what comes from Kafka."""

from __future__ import annotations

import psycopg

from risk.config.settings import Settings
from sinks.postgres.connect import connect, unavailable
from sinks.sql import statement


def wipe(settings: Settings) -> None:
    """Delete all scores, hits and archived transactions; runs and the active ruleset stay.

    Waits for writers that are at work, and holds up others meanwhile. Raises `Unavailable`.
    """
    try:
        with connect(settings) as connection, connection.transaction():
            # Nobody may write while it waits for its turn: rather give up than hold them up long.
            connection.execute("SET LOCAL lock_timeout = '20s'")
            connection.execute(statement("wipe"))
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
