"""The queue: which cases, in which order, page by page."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec
from psycopg.sql import SQL, Composed, Identifier

from risk.registry.cases.records import Case, Filters, Level, Sort, Totals
from risk.registry.session import Cursor
from sinks.sql import statement

# What each order sorts by, and its type; all ascend.
_COLUMNS: Final[dict[Sort, tuple[str, str]]] = {
    "risk": ("by_risk", "int2"),
    "stake": ("by_stake", "numeric"),
    "age": ("opened_at", "timestamptz"),
    "due": ("due_at", "timestamptz"),
}


class Page(NamedTuple):
    """Some of the queue; `after` is where the next page begins, None if there is none."""

    cases: list[Case]
    after: tuple[str, int] | None


def page(
    cursor: Cursor, filters: Filters, sort: Sort, limit: int, after: tuple[str, int] | None = None
) -> Page:
    """Up to `limit` cases; after those of the page that ended with `after`."""
    key, last = after or (None, None)
    values = _values(filters) | {"after_key": key, "after_id": last, "limit": limit + 1}
    rows = cursor.execute(_composed("case_queue", sort), values).fetchall()
    found = msgspec.convert(rows[:limit], list[Case])
    more = len(rows) > limit
    return Page(found, (rows[limit - 1]["sort_key"], rows[limit - 1]["id"]) if more else None)


def totals(cursor: Cursor, filters: Filters) -> Totals:
    """How many there are of them, and the money at stake."""
    row = cursor.execute(_composed("count_cases", "risk"), _values(filters)).fetchone()
    return msgspec.convert(row, Totals)


def lock_next(
    cursor: Cursor, filters: Filters, sort: Sort, levels: tuple[Level, ...]
) -> Case | None:
    """Locks and gives the first that nobody has, or is about to have."""
    values = _values(filters) | {"levels": [*levels]}
    row = cursor.execute(_composed("next_case", sort), values).fetchone()
    return None if row is None else msgspec.convert(row, Case)


def _composed(name: str, sort: Sort) -> Composed:
    column, kind = _COLUMNS[sort]
    return SQL(statement(name).decode()).format(  # a file of sql/
        chosen=SQL(statement("case_filters").decode()),
        column=Identifier(column),
        type=Identifier(kind),
    )


def _values(filters: Filters) -> dict[str, Any]:
    values = {
        name: [*value] if isinstance(value, tuple) else value
        for name, value in msgspec.structs.asdict(filters).items()
    }
    return values | {"closed": "closed" in (filters.states or ())}
