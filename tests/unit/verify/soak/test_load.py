"""The kinds of traffic: whose payments they are, and how many."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from generator.record import Record
from risk.engine.payment.transaction import Rejected, Transaction, decode
from risk.verify.soak.load import HISTORY_S, KINDS, Kind, Load, records

NOW = 1_764_590_400_000
PAYMENTS = 2_000


def sent(kind: Kind, seed: int = 1) -> list[Record]:
    return list(records(Load(kind, seed, 200.0, PAYMENTS), NOW, 4))


def payments(found: list[Record]) -> Iterator[Transaction]:
    for record in found:
        try:
            yield decode(record.value, record.key)
        except Rejected:
            assert record.kind == "malformed"


@pytest.mark.parametrize("kind", KINDS)
def test_there_are_as_many_as_asked_for_and_the_seed_says_which(kind: Kind) -> None:
    found = sent(kind)
    assert len(found) == PAYMENTS
    assert found == sent(kind)
    assert found != sent(kind, seed=2)
    assert all(a.due_ms <= b.due_ms for a, b in pairwise(found))


@pytest.mark.parametrize("kind", KINDS)
def test_all_but_the_malformed_can_be_read(kind: Kind) -> None:
    assert sum(1 for _ in payments(sent(kind))) >= 0.97 * PAYMENTS


def test_each_payment_has_new_keys() -> None:
    found = sent("new-keys")
    first = [one for one in found if one.kind not in ("duplicate", "malformed")]
    txns = list(payments(first))
    assert len(txns) > 0.9 * PAYMENTS
    for field in ("user_id", "device_id", "ip", "card_token", "merchant_id", "event_id"):
        assert len({getattr(txn, field) for txn in txns}) == len(txns), field


def test_one_user_has_all_in_order() -> None:
    found = sent("one-user")
    assert {record.kind for record in found} == {"on_time"}
    txns = list(payments(found))
    for field in ("user_id", "device_id", "ip", "card_token", "merchant_id"):
        assert len({getattr(txn, field) for txn in txns}) == 1, field
    assert len({txn.event_id for txn in txns}) == PAYMENTS
    assert all(a.event_time <= b.event_time for a, b in pairwise(txns))


def test_another_seed_is_another_user() -> None:
    assert {txn.user_id for txn in payments(sent("one-user", 1))}.isdisjoint(
        txn.user_id for txn in payments(sent("one-user", 2))
    )


def test_a_load_takes_as_long_as_its_rate_says() -> None:
    assert Load("steady", 1, 50.0, 180_000).seconds == 3_600
    long = Load("steady", 1, 50.0, 330_000, history_s=HISTORY_S)
    assert (long.seconds, long.paced_s) == (6_600, 3_600)
