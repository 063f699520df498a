"""The verdicts that `risk prove` sends before its stream."""

from __future__ import annotations

from collections import Counter

from generator.stream import records
from risk.engine.feedback import encode
from risk.engine.payment.transaction import Rejected, decode
from risk.verify.proof.publishing import disordered
from risk.verify.proof.verdicts import verdicts

STREAM = disordered(events=4_000, seed=7, rate=400, start_time=1_740_830_400_000, partitions=4)


def test_each_verdict_is_on_a_payment_of_the_stream() -> None:
    payments = set()
    for record in records(STREAM):
        try:
            txn = decode(record.value, record.key)
        except Rejected:
            continue
        payments.add((txn.event_id, txn.user_id, txn.event_time))
    found = list(verdicts(records(STREAM)))
    assert {one.payment for one in found} <= payments
    assert len(found) > 1_500


def test_they_come_from_several_sources_and_some_change() -> None:
    found = list(verdicts(records(STREAM)))
    assert Counter(one.source for one in found).keys() == {"import", "analyst"}
    assert Counter(one.verdict for one in found).keys() == {"fraud", "legitimate"}
    changed = [said for said in Counter(one.payment for one in found).values() if said > 1]
    assert len(changed) > 100


def test_a_stream_has_the_same_verdicts_each_time() -> None:
    first, second = (list(map(encode, verdicts(records(STREAM)))) for _ in range(2))
    assert first == second
