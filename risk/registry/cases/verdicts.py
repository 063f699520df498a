"""Verdicts on the payments of cases, from the step that decides them until they are in Kafka."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from risk.registry.session import Cursor
from sinks.sql import statement


class _Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Of a payment; `known_at` in ms UTC."""

    event_id: str
    user_id: str
    event_time: int
    verdict: str
    said_by: str
    note: str
    known_at: int


class Said(_Verdict, frozen=True, kw_only=True):
    """A verdict that is to be sent."""

    id: int


class Given(_Verdict, frozen=True, kw_only=True):
    """A verdict that a case gave one of its payments, and how far it has come; times in ms UTC.

    Without `sent_at` it isn't in risk.feedback: it waits for `send_at`, or was undone before.
    """

    case_id: int
    send_at: int
    sent_at: int | None
    undone_at: int | None


def of_payment(cursor: Cursor, event_id: str, user_id: str, event_time: int) -> list[Given]:
    """What cases said of a payment, in the order in which it was known."""
    values = {"event_id": event_id, "user_id": user_id, "event_time": event_time}
    rows = cursor.execute(statement("case_verdicts_of_payment"), values).fetchall()
    return msgspec.convert(rows, list[Given])


def say(cursor: Cursor, case_id: int, who: str, verdict: str, note: str, undo_s: int) -> int:
    """Note a verdict on each payment of a case, to be sent in `undo_s` seconds; how many."""
    values = {"case_id": case_id, "who": who, "verdict": verdict, "note": note, "undo_s": undo_s}
    cursor.execute(statement("say_case_verdicts"), values)
    return cursor.rowcount


def undo(cursor: Cursor, case_id: int, who: str, note: str) -> tuple[int, int]:
    """Undo a case's verdicts: how many were never sent, and how many payments get back another.

    What was sent stays said; where an analyst had judged a payment before, that is sent again.
    """
    rows = cursor.execute(statement("undo_case_verdicts"), {"case_id": case_id}).fetchall()
    sent = [row["id"] for row in rows if row["sent_at"] is not None]
    values = {"ids": sent, "who": who, "note": note}
    cursor.execute(statement("restore_case_verdicts"), values)
    return len(rows) - len(sent), cursor.rowcount


def due(cursor: Cursor, limit: int) -> list[Said]:
    """Locks and gives verdicts that are to be sent now."""
    rows = cursor.execute(statement("due_case_verdicts"), {"limit": limit}).fetchall()
    return msgspec.convert(rows, list[Said])


def sent(cursor: Cursor, ids: Sequence[int]) -> None:
    """Note that Kafka has them."""
    cursor.execute(statement("case_verdicts_sent"), {"ids": [*ids]})
