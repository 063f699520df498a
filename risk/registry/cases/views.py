"""Saved views of the queue."""

from __future__ import annotations

import msgspec
from psycopg.types.json import Jsonb

from risk.registry.cases.records import View
from risk.registry.session import Cursor
from sinks.sql import statement


def save(cursor: Cursor, view: View) -> None:
    """Keep a view under its owner and name, in place of one that is there."""
    values = msgspec.structs.asdict(view)
    said = {k: v for k, v in msgspec.to_builtins(view.filters).items() if v not in (None, False)}
    cursor.execute(statement("save_case_view"), values | {"filters": Jsonb(said)})


def of(cursor: Cursor, owner: str) -> list[View]:
    """Somebody's own views, then those that others share."""
    rows = cursor.execute(statement("list_case_views"), {"owner": owner}).fetchall()
    return msgspec.convert(rows, list[View])


def delete(cursor: Cursor, owner: str, name: str) -> bool:
    """Forget a view; whether there was one."""
    cursor.execute(statement("delete_case_view"), {"owner": owner, "name": name})
    return cursor.rowcount > 0
