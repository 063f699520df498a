"""A short session with Postgres: for what is read and written now and then, not by the batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from risk.config.settings import Settings
from sinks.postgres.connect import connect, unavailable

Cursor = psycopg.Cursor[dict[str, Any]]


@contextmanager
def session(settings: Settings, statement_ms: int | None = None) -> Iterator[Cursor]:
    """A cursor with rows as dicts, in one transaction. Raises `Unavailable`.

    A statement that takes longer than `statement_ms` (default: a minute) is given up; 0: none is.
    """
    try:
        with (
            connect(settings, statement_ms) as connection,
            connection.transaction(),
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            yield cursor
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def as_json(values: dict[str, Any]) -> dict[str, Any]:
    """Parameters of a statement, with dicts as jsonb."""
    return {k: Jsonb(v) if isinstance(v, dict) else v for k, v in values.items()}
