"""How far each store's retention has come, as Postgres remembers it."""

from __future__ import annotations

from risk.registry.session import Cursor
from sinks.sql import statement


def note(cursor: Cursor, store: str, upto: int) -> None:
    """From now on payments before that event time, ms UTC, may be missing from the store."""
    cursor.execute(statement("note_retention"), {"store": store, "upto": upto})


def limits(cursor: Cursor) -> dict[str, int]:
    """Of each store that any were removed from, up to which event time."""
    rows = cursor.execute(statement("list_retention")).fetchall()
    return {row["store"]: row["upto"] for row in rows}
