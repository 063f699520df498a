"""All that was said of a payment, and what became of each verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from risk.engine.feedback import Logged, build, current_verdict
from risk.registry.cases.verdicts import Given

# `counts`: it is the payment's verdict. `superseded`: another is later, or of a higher source.
# `waits`: it is sent in a moment. `sent`: Postgres hasn't got it from risk.feedback yet.
# `taken_back`: undone before it was sent.
Standing = Literal["counts", "superseded", "waits", "sent", "taken_back"]


class Spoken(NamedTuple):
    """A verdict; times in ms UTC, None for what hasn't been.

    `sent_at` is when the log had it. `undone_at` is when a case took it back: what the log has it
    keeps, so one that was sent may count on.
    """

    verdict: str
    source: str
    by: str
    note: str
    known_at: int
    sent_at: int | None
    undone_at: int | None
    case_id: int | None
    standing: Standing


def spoken(logged: Sequence[Logged], given: Iterable[Given]) -> list[Spoken]:
    """What the log says of one payment, and what cases gave it; what was known last comes first."""
    by_key = {_key(one): one for one in given}
    counts = current_verdict(logged)
    found = []
    for one in logged:
        said, own = one.feedback, by_key.pop(one.feedback.key, None)
        found.append(
            Spoken(
                said.verdict,
                said.source,
                said.by,
                said.note,
                said.known_at,
                one.append_time,
                own.undone_at if own else None,
                own.case_id if own else None,
                "counts" if one == counts else "superseded",
            )
        )
    found += map(_unlogged, by_key.values())
    return sorted(found, key=lambda one: one.known_at, reverse=True)


def _key(one: Given) -> str:
    payment = one.event_id, one.user_id, one.event_time
    return build(payment, one.verdict, "analyst", one.known_at, one.said_by, one.note).key


def _unlogged(one: Given) -> Spoken:
    standing: Standing = "waits"
    if one.sent_at is not None:
        standing = "sent"
    elif one.undone_at is not None:
        standing = "taken_back"
    return Spoken(
        one.verdict,
        "analyst",
        one.said_by,
        one.note,
        one.known_at,
        one.sent_at,
        one.undone_at,
        one.case_id,
        standing,
    )
