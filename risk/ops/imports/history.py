"""Payments and labels as one sequence: each label right behind its payment.

From when it counts a label says itself. Features that count verdicts need it in the log before the
payments that it counts for: so it is sent as early as can be.
The sequence is the same each time that it is made, so a place in it says what has been sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from risk.ops.imports.records import Payment


class Message(NamedTuple):
    """A record to send: a payment, or what became of one. The key is its user_id."""

    label: bool
    key: bytes
    value: bytes


def history(payments: Iterable[Payment]) -> Iterator[Message]:
    """All messages."""
    for payment in payments:
        key = payment.user_id.encode()
        yield Message(False, key, payment.value)
        if payment.label and (value := payment.feedback()):
            yield Message(True, key, value)
