"""Honest people as they are: odd in many ways, as often as is asked for, and still honest."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import islice

import pytest

from generator.config import StreamConfig
from generator.habits import HABITS, UnknownHabit, selected
from generator.record import Event
from generator.stream import events
from generator.world import PLACES
from risk.engine.payment.currencies import MAJOR_UNIT
from tests.unit.generator.test_stream import config

MANY = 30_000


def some(count: int = MANY, **changes: object) -> list[Event]:
    asked = config(rate=100.0, duration_s=600.0, attack="none", **changes)
    return list(islice(events(asked), count))


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3])
def test_as_many_payments_look_odd_as_are_asked_for(share: float) -> None:
    found = sum(event.habit is not None for event in some(habit_share=share))
    assert found / MANY == pytest.approx(share, rel=0.1)


def test_each_habit_comes_by_its_weight() -> None:
    found = Counter(event.habit for event in some(habit_share=0.5))
    weights = sum(habit.weight for habit in HABITS.values())
    assert weights == 50  # per mille, as the share is by default
    assert StreamConfig(start_time=0).habit_share == weights / 1_000
    for name, habit in HABITS.items():
        assert found[name] == pytest.approx(MANY * 0.5 * habit.weight / weights, rel=0.2)


@pytest.mark.parametrize("name", list(HABITS))
def test_a_habit_alone_is_named_and_honest(name: str) -> None:
    found = some(5_000, habits=name, habit_share=0.5)
    assert {(event.habit, event.attack) for event in found} == {(None, None), (name, None)}


def test_without_habits_there_are_none() -> None:
    for changes in ({"habits": "none"}, {"habit_share": 0.0}):
        assert not any(event.habit for event in some(5_000, **changes))


def test_an_unknown_habit_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownHabit, match=r"'fishing'.*call_centre"):
        selected("carrier,fishing")


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("carrier", "ip"),
        ("office", "ip"),
        ("vpn", "ip"),
        ("family", "device_id"),
        ("call_centre", "device_id"),
        ("terminal", "device_id"),
        ("subscription", "merchant_id"),
        ("donation", "merchant_id"),
        ("family", "card_token"),
    ],
)
def test_many_users_share_what_they_share_in_life(name: str, field: str) -> None:
    users = defaultdict(set)
    for event in some(habits=name, habit_share=0.2):
        if event.habit:
            users[getattr(event.txn, field)].add(event.txn.user_id)
    most = max(len(found) for found in users.values())
    assert most >= (2 if name == "family" else 5)


def test_travellers_pay_abroad_with_the_phone_that_they_have_at_home() -> None:
    paid = defaultdict(list)
    for event in some(habits="traveller", habit_share=0.1):
        if event.habit:
            paid[event.txn.user_id].append(event.txn)
    went = [txns for txns in paid.values() if len({txn.country for txn in txns}) > 1]
    assert went
    assert all(len({txn.device_id for txn in txns}) == 1 for txns in went)
    assert {txn.country for txns in went for txn in txns} <= {place.country for place in PLACES}
    home = [{txn.ip for txn in txns if txn.country == txns[0].country} for txns in went]
    away = [{txn.ip for txn in txns if txn.country != txns[0].country} for txns in went]
    roaming = sum(there <= here for here, there in zip(home, away, strict=True))
    assert 0.2 < roaming / len(went) < 0.6  # whose address at home was seen before they left


def test_donations_are_round_and_small_next_to_what_thieves_take() -> None:
    given = [event.txn for event in some(habits="donation", habit_share=0.2) if event.habit]
    assert len({txn.merchant_id for txn in given}) > 1
    for txn in given:
        assert txn.amount
        assert txn.amount % MAJOR_UNIT[txn.currency] == 0


def test_however_few_users_there_are_habits_go_on() -> None:
    for users in (1, 2, 30):
        assert len(some(2_000, users=users, habit_share=0.5)) == 2_000
