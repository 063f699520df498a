"""Which masked values were shown to whom: rows are added, and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from risk.registry.session import Cursor
from risk.registry.sessions import Viewer
from sinks.sql import statement

SHOWN = 200


class Access(msgspec.Struct, frozen=True):
    """Who saw which masked fields of which payment, when, and from which address."""

    at: datetime
    name: str
    role: str
    user_id: str
    event_id: str
    event_time: int
    fields: tuple[str, ...]
    address: str


def note(
    cursor: Cursor,
    viewer: Viewer,
    payment: tuple[str, str, int],
    fields: Sequence[str],
    address: str,
) -> None:
    """Note it; `payment` is user_id, event_id and event_time in ms UTC."""
    user_id, event_id, event_time = payment
    values = {
        "name": viewer.name,
        "role": viewer.role,
        "user_id": user_id,
        "event_id": event_id,
        "event_time": event_time,
        "fields": list(fields),
        "address": address,
    }
    cursor.execute(statement("note_access"), values)


def latest(
    cursor: Cursor, limit: int = SHOWN, name: str | None = None, user_id: str | None = None
) -> list[Access]:
    """The latest, the latest first: of all, or by who looked and at whose payments."""
    values = {"limit": limit, "name": name, "user_id": user_id}
    rows = cursor.execute(statement("list_access"), values).fetchall()
    return msgspec.convert(rows, list[Access])
