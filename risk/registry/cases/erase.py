"""Takes a person out of the cases and the trails: what was done stays, whom it was about goes."""

from __future__ import annotations

from risk.registry.cases import intake
from risk.registry.session import Cursor
from sinks.sql import statement


def open_of(cursor: Cursor, user_id: str) -> list[int]:
    """The cases about a user that are not closed, or whose verdicts are still to be sent."""
    rows = cursor.execute(statement("erasure_open_cases"), {"user_id": user_id}).fetchall()
    return [row["id"] for row in rows]


def count(cursor: Cursor, user_id: str, upto: int) -> dict[str, int]:
    """What there is about a user's payments, up to an event time in ms UTC."""
    values = {"user_id": user_id, "upto": upto}
    row = cursor.execute(statement("erasure_count_cases"), values).fetchone()
    assert row is not None, "it is one of sums"
    return dict(row)


def erase(
    cursor: Cursor, erasure: int, user_id: str, upto: int, minutes: tuple[int, int]
) -> dict[str, int]:
    """Remove it, as a part of the erasure that is under way; how much there was.

    A case keeps what is of others in it, and its state and verdict. One that is left without
    payments loses its notes and files, too; the steps of its trail stay. `minutes` are those in
    which a case is due, with a BLOCK and without.
    """
    values = {"erasure": str(erasure), "user_id": user_id, "upto": upto}
    cursor.execute(statement("erasure_under_way"), values)
    found = cursor.execute(statement("erasure_case_payments"), values).fetchall()
    ids = sorted({row["case_id"] for row in found})
    events = sorted({row["event_id"] for row in found})
    intake.lock(cursor, ids)
    gone = _counts(cursor, "erasure_case_rows", values)
    intake.refresh(cursor, ids, *minutes)
    values |= {"ids": ids, "events": events}
    # Before notes and files go, by which it is told what the trail says of them.
    gone |= _counts(cursor, "erasure_case_events", values)
    gone |= _counts(cursor, "erasure_empty_cases", values)
    gone |= _counts(cursor, "erasure_access_log", values)
    return gone


def _counts(cursor: Cursor, name: str, values: dict[str, object]) -> dict[str, int]:
    row = cursor.execute(statement(name), values).fetchone()
    assert row is not None, "it is one of sums"
    return dict(row)
