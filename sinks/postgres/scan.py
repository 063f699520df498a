"""Reads the scores back."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from risk.config.settings import Settings
from sinks.postgres.connect import connect, unavailable
from sinks.sql import statement
from sinks.stored import Stored

PAGE = 5_000


def scan(settings: Settings, ruleset: str, version: int) -> Iterator[Stored]:
    """The stored scores of a ruleset's version, by their payments. Raises `Unavailable`.

    They come page by page, all of them as of one moment.
    """
    try:
        with (
            connect(settings) as connection,
            connection.transaction(),
            connection.cursor("scan") as cursor,
        ):
            cursor.itersize = PAGE
            cursor.execute(statement("scan_scores"), (ruleset, version))
            for row in cursor:
                one = Stored(*row)
                hits = ((hit["rule"], hit["version"], hit["points"]) for hit in row[6])
                yield one._replace(reasons=tuple(hits))
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
