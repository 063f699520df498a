"""Removes scores, hits and archived payments that are past Postgres' retention.

A table is gone through from its first page to its last, a bounded number of them in a transaction:
no statement grows with what there is to remove, and no index by time is needed. Payments of cases
that aren't closed stay: they are being worked on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from risk.config.settings import Settings
from risk.config.types import DAY_MS
from sinks.postgres.connect import connect, unavailable
from sinks.sql import statement
from sinks.store import Expired

PAGES: Final = 1_000  # of 8 KB: some ten thousand rows
_TABLES: Final = {"risk_scores": "expire_scores", "transactions": "expire_transactions"}


def retention_limit(settings: Settings, now: int) -> int | None:
    """The event time, ms UTC, that what is to be removed is before; None: all is kept."""
    days = settings.postgres.retention_days
    return None if days is None else now - days * DAY_MS


def count_expired(settings: Settings, upto: int) -> dict[str, int]:
    """How many rows of each table would be removed. Raises `Unavailable`."""
    try:
        with connect(settings, statement_ms=0) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            row = cursor.execute(statement("count_expired"), {"upto": upto}).fetchone()
            assert row is not None, "it is one of sums"
            return row
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def expire(settings: Settings, upto: int, pages: int = PAGES) -> Iterator[Expired]:
    """Remove them; after so many pages, what was removed there. Raises `Unavailable`."""
    try:
        with connect(settings) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            sizes = {table: _pages(cursor, table) for table in _TABLES}
            done, total = 0, sum(sizes.values())
            for table, name in _TABLES.items():
                # What is written meanwhile is new, wherever it comes to stand.
                for first in range(0, sizes[table], pages):
                    last = min(first + pages, sizes[table])
                    values = {"first": f"({first},0)", "last": f"({last},0)", "upto": upto}
                    row = cursor.execute(statement(name), values).fetchone()
                    assert row is not None, "it is one of sums"
                    done += last - first
                    yield Expired(row, done, total)
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def _pages(cursor: psycopg.Cursor[dict[str, Any]], table: str) -> int:
    row = cursor.execute(statement("table_pages"), {"table": table}).fetchone()
    assert row is not None, "there is one"
    (found,) = row.values()
    return int(found)
