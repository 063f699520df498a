"""Payments that lack fields or have attributes: of all kinds, and told by nothing else."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import msgspec
import pytest

from generator.openness import ATTRIBUTES, MISSING, MOST, opened
from generator.record import Record
from generator.stream import events, records
from risk.engine.messages import Label
from risk.engine.payment.transaction import OPTIONAL, Transaction, decode, encode
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from tests.unit.generator.test_stream import config

READS: dict[str, type | tuple[type, ...]] = {"int": int, "str": str, "bool": bool, "float": float}


def full() -> Transaction:
    return next(event.txn for event in events(config()) if event.txn.lat is not None)


def told(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(record.value)
    return found


def test_each_is_one_that_the_engine_takes_as_it_is() -> None:
    txn, rng = full(), Random(3)
    for _ in range(2_000):
        sent = opened(txn, rng)
        assert decode(encode(sent), txn.user_id.encode()) == sent
        assert sent != txn


def test_all_kinds_occur_and_never_two_at_once() -> None:
    txn, rng = full(), Random(4)
    lacking: Counter[tuple[str, ...]] = Counter()
    having: Counter[str] = Counter()
    for _ in range(4_000):
        sent = opened(txn, rng)
        gone = tuple(name for name in OPTIONAL if getattr(sent, name) in ("", None))
        own = sent.attributes or {}
        assert bool(gone) != bool(own)
        assert len(own) <= MOST
        lacking[gone] += 1
        having.update(own.keys())
    assert {gone for gone in lacking if gone} == {
        tuple(name for name in OPTIONAL if name in together) for together in MISSING
    }
    assert having.keys() == ATTRIBUTES.keys()


def test_some_attributes_are_declared_as_they_are_sent_and_some_are_not() -> None:
    declared = read_folder(RULES / "days").attributes
    kinds = {name: READS[one.kind] for name, one in declared.items() if name in ATTRIBUTES}
    assert kinds
    assert kinds.keys() < ATTRIBUTES.keys()
    rng = Random(5)
    for name, kind in kinds.items():
        assert all(type(ATTRIBUTES[name](rng)) is kind for _ in range(50))


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5])
def test_a_stream_has_as_many_as_are_asked_for(share: float) -> None:
    asked = config(duration_s=40.0, open_share=share)
    whole = {event.txn.event_id: event.txn for event in _first(asked)}
    sent = [decode(r.value, r.key) for r in records(asked) if r.label]
    odd = sum(
        txn.attributes is not None
        or any(getattr(txn, name) != getattr(whole[txn.event_id], name) for name in OPTIONAL)
        for txn in sent
    )
    assert odd / len(sent) == pytest.approx(share, rel=0.15)


def test_nothing_else_about_a_stream_changes_with_them() -> None:
    closed, some = (list(records(config(open_share=share))) for share in (0.0, 0.5))
    assert [r._replace(value=b"") for r in closed] == [r._replace(value=b"") for r in some]
    for one, other in zip(closed, some, strict=True):
        if one.kind != "malformed":
            kept = told(other)
            assert {name: value for name, value in told(one).items() if name in kept}.items() <= (
                kept.items()
            )
        else:
            assert one == other


def test_fraud_has_no_more_and_no_less_of_them() -> None:
    """A payment's fields tell nothing of who sent it: with either truth there are all kinds."""
    shapes: dict[bool, Counter[frozenset[str]]] = {True: Counter(), False: Counter()}
    asked = config(duration_s=60.0, open_share=0.3, attack_share=0.3)
    for record in records(asked):
        if record.label:
            truth = msgspec.json.decode(record.label, type=Label)
            named = told(record).keys()
            shapes[truth.fraud][frozenset(named & ATTRIBUTES.keys())] += 1
    assert shapes[True].keys() <= shapes[False].keys()
    for counted in shapes.values():
        assert 1 - counted[frozenset()] / counted.total() == pytest.approx(0.15, rel=0.15)


def _first(asked: Any) -> list[Any]:
    """Enough of what happened to know every payment that is sent."""
    found = []
    for event in events(asked):
        found.append(event)
        if event.due_ms > asked.duration_s * 1_100:
            return found
    return found
