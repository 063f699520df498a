"""Payments and labels as one sequence: each label when it was known, behind earlier payments.

The sequence is the same each time that it is made, so a place in it says what has been sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import NamedTuple

from risk.ops.imports.records import Payment


class Message(NamedTuple):
    """A record to send: a payment, or what became of one. The key is its user_id."""

    label: bool
    key: bytes
    value: bytes


def history(payments: Iterable[Payment]) -> Iterator[Message]:
    """All messages. A label that is not known yet waits in memory, with about 0.5 kB."""
    waiting: list[tuple[int, int, bytes, bytes]] = []
    for number, payment in enumerate(payments):
        while waiting and waiting[0][0] <= payment.event_time:
            yield Message(True, *heappop(waiting)[2:])
        key = payment.user_id.encode()
        yield Message(False, key, payment.value)
        if payment.label and (value := payment.feedback()):
            heappush(waiting, (payment.label.known_at, number, key, value))
    while waiting:
        yield Message(True, *heappop(waiting)[2:])
