"""What Postgres holds of a span's live payments, to decide them once more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from psycopg.errors import QueryCanceled
from psycopg.rows import dict_row

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.registry.session import Cursor, session
from sinks.sql import statement

PAGE: Final = 1_000
STATEMENT_MS: Final = 60_000

Row = dict[str, Any]


class TooLong(Exception):
    """Postgres has given up on so many payments."""


class Span(NamedTuple):
    """Payments of event times from `begin` until `end`, in ms UTC, `end` excluded."""

    begin: int
    end: int


class Held(NamedTuple):
    """How many payments there are, and the event times of the first and the last; None without."""

    payments: int
    first: int | None
    last: int | None


def read(settings: Settings, span: Span, most: int) -> tuple[Held, Iterator[list[Row]]]:
    """How many there are, and pages of at most so many of them. Raises `Unavailable`, `TooLong`.

    Which ones follows from their keys alone, so the same question has the same answer. The
    iterator has a session of its own, that ends with it.
    """
    with _limited(settings) as cursor:
        row = cursor.execute(statement("backtest_count"), span._asdict()).fetchone()
    assert row is not None
    return Held(row["payments"], row["first"], row["last"]), _pages(settings, span, most)


def _pages(settings: Settings, span: Span, most: int) -> Iterator[list[Row]]:
    with _limited(settings) as cursor:
        yield from _fetched(cursor, {**span._asdict(), "most": most})


@contextmanager
def _limited(settings: Settings) -> Iterator[Cursor]:
    try:
        with session(settings, STATEMENT_MS) as cursor:
            yield cursor
    except Unavailable as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooLong(str(error)) from None
        raise


def _fetched(cursor: Cursor, values: dict[str, Any]) -> Iterator[list[Row]]:
    with cursor.connection.cursor("backtest", row_factory=dict_row) as rows:
        rows.execute(statement("backtest_rows"), values)
        while found := rows.fetchmany(PAGE):
            yield found
