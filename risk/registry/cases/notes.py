"""Notes of cases, and their files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from risk.registry.cases.records import FileContent, Note
from risk.registry.session import Cursor
from sinks.sql import statement


class Attachment(NamedTuple):
    """A file that is to be kept with a note."""

    name: str
    media_type: str
    content: bytes


def add(cursor: Cursor, case_id: int, who: str, note: str, files: Sequence[Attachment]) -> int:
    """Keep a note with its files; its id."""
    values = {"case_id": case_id, "who": who, "note": note}
    row = cursor.execute(statement("add_case_note"), values).fetchone()
    assert row is not None, "it returns one"
    for file in files:
        cursor.execute(statement("add_case_file"), {"note_id": row["id"], **file._asdict()})
    return int(row["id"])


def of(cursor: Cursor, case_id: int) -> list[Note]:
    """A case's notes, the first first."""
    rows = cursor.execute(statement("list_case_notes"), {"case_id": case_id}).fetchall()
    return msgspec.convert(rows, list[Note])


def file(cursor: Cursor, case_id: int, file_id: int) -> FileContent | None:
    """A file of one of its notes; None if it has no such."""
    values = {"case_id": case_id, "id": file_id}
    row = cursor.execute(statement("get_case_file"), values).fetchone()
    return None if row is None else FileContent(**row)
