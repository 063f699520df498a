"""What is sent again: known, in conflict, or forgotten; and what a bucket and a check do."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.console.api.check import Payment, Rules, canonical, checked, payment
from risk.console.api.decisions import decision
from risk.console.api.known import KnownPayments, content_of
from risk.console.api.limits import Bucket
from risk.console.api.problem import Problem
from risk.engine.payment.contract import OPEN, Contract
from risk.engine.payment.rejected import Rejected
from risk.engine.payment.transaction import decode, read
from tests.contract.messages import score
from tests.unit.console.api.test_hostile import PAYMENT, VALUES, text

NOW = 1_740_830_400_000
RULES = Rules(NOW, 300_000, 2_097_152, OPEN)


def one(**changes: Any) -> Payment:
    return payment(text(**changes), RULES)


def claim(known: KnownPayments, *payments: Payment, now: float = 0.0) -> list[tuple[bool, bool]]:
    async def claimed() -> list[tuple[bool, bool]]:
        return [(c.again, c.send) for c in known.claim(payments, len(payments) > 1, now)]

    return asyncio.run(claimed())


def test_the_same_again_is_known_and_another_is_a_conflict() -> None:
    known = KnownPayments(600.0, 100)
    assert claim(known, one()) == [(False, True)]
    assert claim(known, one(), now=599.0) == [(True, False)]
    with pytest.raises(Problem) as caught:
        claim(known, one(event_id="e2"), one(amount=1), now=599.0)
    assert (caught.value.status, caught.value.body["index"]) == (409, 1)
    assert known.get(("u1", "e2")) is None  # of a body with a conflict nothing is taken
    assert claim(known, one(user_id="u2", amount=1)) == [(False, True)]
    assert claim(known, one(amount=1), now=600.0) == [(False, True)]


def test_within_a_body_too() -> None:
    known = KnownPayments(600.0, 100)
    assert claim(known, one(), one()) == [(False, True), (True, False)]
    with pytest.raises(Problem) as caught:
        claim(known, one(event_id="e2"), one(event_id="e2", amount=1))
    assert (caught.value.status, caught.value.body["index"]) == (409, 1)
    assert len(known) == 1


def test_what_kafka_did_not_acknowledge_is_sent_again_but_never_as_another() -> None:
    known = KnownPayments(600.0, 100)
    claim(known, one())
    found = known.get(("u1", "e1"))
    assert found is not None
    known.acknowledged(("u1", "e1"), found, "timed out")
    with pytest.raises(Problem):
        claim(known, one(amount=1))
    assert claim(known, one()) == [(True, True)]
    known.acknowledged(("u1", "e1"), found, "")
    assert claim(known, one()) == [(True, False)]


def test_the_oldest_is_forgotten_when_there_are_too_many_and_awaited_no_longer() -> None:
    known = KnownPayments(600.0, 2)
    for event in ("a", "b", "c"):
        claim(known, one(event_id=event))
    assert [known.get(("u1", event)) is None for event in "abc"] == [True, False, False]
    assert set(known.awaited[b"u1"]) == {"b", "c"}
    known.decided(("u1", "b"), 0, b"{}")  # of another time
    assert set(known.awaited[b"u1"]) == {"b", "c"}
    for event in "bc":
        known.decided(("u1", event), PAYMENT["event_time"], b"{}")  # type: ignore[arg-type]
    assert known.awaited == {}


def test_a_decision_is_told_if_it_is_live_and_awaited() -> None:
    told = score("e1", points=75)
    value = msgspec.json.encode(told)
    found = decision(b"u-1", value, {b"u-1": {"e1": None}})
    assert found is not None
    assert (found.user_id, found.event_id, found.event_time) == ("u-1", "e1", NOON)
    assert json.loads(found.json)["decision"] == "BLOCK"
    assert decision(b"u-1", value, {}) is None
    assert decision(b"u-1", value, {b"u-1": {"e2": None}}) is None
    shadow = msgspec.json.encode(score("e1", kind="shadow"))
    assert decision(b"u-1", shadow, {b"u-1": {"e1": None}}) is None
    assert decision(b"u-1", b"\xff", {b"u-1": {"e1": None}}) is None


NOON = NOW


def test_a_payment_is_the_same_however_it_is_written() -> None:
    plain = text(note="x", zone=3)
    other = json.dumps(dict(reversed(json.loads(plain).items())), indent=3).encode()
    assert other != plain
    assert content_of(payment(plain, RULES)) == content_of(payment(other, RULES))
    assert content_of(one()) == content_of(one(ip=None, schema_version=1))
    assert content_of(one()) != content_of(one(amount=1_235))


@given(st.dictionaries(st.text(), VALUES, max_size=6))
def test_what_is_published_is_what_came(more: dict[str, Any]) -> None:
    raw = json.dumps({**more, **PAYMENT}).encode()
    try:
        txn = read(raw)
    except Rejected:
        return
    found = canonical(txn)
    again = decode(found.message, txn.user_id.encode())
    assert again == found.txn
    assert canonical(again).message == found.message


def test_what_scoring_would_put_aside_is_not_taken() -> None:
    asked = Contract("default:1", {"zone": "int"}, ("country",), frozenset({"zone"}))
    for raw, rules, code, field in (
        (text(event_time=NOW + 300_001), RULES, "future", "event_time"),
        (text(), RULES._replace(contract=asked), "invalid_field", "country"),
        (text(country="DE", zone="x"), RULES._replace(contract=asked), "invalid_field", "zone"),
        (text(), RULES._replace(most_bytes=50), "too_large", None),
    ):
        with pytest.raises(Problem) as caught:
            checked([raw], False, rules)
        assert (caught.value.body["code"], caught.value.body.get("field")) == (code, field)
    assert checked([text(event_time=NOW + 300_000)], False, RULES)


def test_a_bucket_gives_no_more_than_its_rate() -> None:
    bucket = Bucket(10, 20, 0.0)
    assert [bucket.take(0.0).wait_s for _ in range(20)] == [0] * 20
    refused = bucket.take(0.0)
    assert (refused.left, refused.wait_s) == (0, 1)
    assert refused.headers()["retry-after"] == "1"
    assert bucket.take(0.1).wait_s == 0
    assert bucket.take(100.0, 500).left == 0  # a large body is taken, and owed
    assert bucket.take(110.0).wait_s == 39
    assert bucket.take(148.2).wait_s == 0


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(1, 5)), max_size=60))
def test_over_time_a_bucket_holds_to_its_rate(steps: list[tuple[float, int]]) -> None:
    bucket, now, taken = Bucket(3, 7, 0.0), 0.0, 0
    for pause, cost in steps:
        now += pause
        if not bucket.take(now, cost).wait_s:
            taken += cost
        assert taken <= 7 + 3 * now + 5
