"""What became of a stream's payments: verdicts that come, change and contradict one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.record import Record
from risk.engine.feedback import Feedback, build
from risk.engine.payment.transaction import Rejected, decode

SOON_MS = 5_000
CHANGED_MS = 3_000


def verdicts(stream: Iterable[Record]) -> Iterator[Feedback]:
    """What is known of half of a stream's payments, soon after each.

    Most are of an import, every fifth is an analyst's; every seventh is taken back.
    """
    for number, record in enumerate(stream):
        if not number % 2:
            continue
        try:
            txn = decode(record.value, record.key)
        except Rejected:
            continue
        payment = txn.event_id, txn.user_id, txn.event_time
        known_at = txn.event_time + number % SOON_MS
        verdict = "fraud" if number % 3 else "legitimate"
        source = "import" if number % 5 else "analyst"
        yield build(payment, verdict, source, known_at, "prove")
        if not number % 7:
            yield build(payment, "legitimate", source, known_at + CHANGED_MS, "prove")
