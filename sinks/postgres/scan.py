"""Reads the scores back."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from risk.settings import Settings
from sinks.postgres.connect import connect, unavailable
from sinks.sql import statement
from sinks.stored import Stored

PAGE = 5_000


def scan(settings: Settings, ruleset: str, version: int) -> Iterator[Stored]:
    """The stored scores of a ruleset's version, in the order of event_id. Raises `Unavailable`.

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
                event_id, user_id, event_time, revision, score, decision, reasons, mark = row
                hits = tuple((hit["rule"], hit["version"], hit["points"]) for hit in reasons)
                yield Stored(event_id, user_id, event_time, revision, score, decision, hits, mark)
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
