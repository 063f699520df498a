"""Which masked values were shown to whom: rows are added, and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from risk.registry.session import Cursor
from sinks.sql import statement

SHOWN = 200


class Reader(NamedTuple):
    """Who is shown them: a user of the console with a role, or a key of the HTTP API; and where."""

    name: str
    role: str
    address: str


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
    cursor: Cursor, reader: Reader, payment: tuple[str, str, int], fields: Sequence[str]
) -> None:
    """Note one payment: `payment` is user_id, event_id and event_time in ms UTC."""
    note_all(cursor, reader, [(payment, fields)])


def note_all(
    cursor: Cursor, reader: Reader, shown: Iterable[tuple[tuple[str, str, int], Sequence[str]]]
) -> None:
    """Note payments, each with the fields that were shown."""
    values = [
        {
            **reader._asdict(),
            "user_id": user_id,
            "event_id": event_id,
            "event_time": event_time,
            "fields": list(fields),
        }
        for (user_id, event_id, event_time), fields in shown
    ]
    cursor.executemany(statement("note_access"), values)


def latest(
    cursor: Cursor, limit: int = SHOWN, name: str | None = None, user_id: str | None = None
) -> list[Access]:
    """The latest, the latest first: of all, or by who looked and at whose payments."""
    values = {"limit": limit, "name": name, "user_id": user_id}
    rows = cursor.execute(statement("list_access"), values).fetchall()
    return msgspec.convert(rows, list[Access])
