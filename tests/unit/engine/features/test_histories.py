"""Counting an event in without its features leaves a history as observing it does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.features.built_in import DEVICE_CODE, USER_CODE
from risk.engine.features.catalogue import DAY, SESSION_GAP
from risk.engine.features.declared.entries import Entries
from risk.engine.features.declared.keycode import KeyCode
from risk.engine.features.shape import Shape
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.declaration import KNOWN, STEP_DISTINCT
from tests.unit.streams import START, transaction

PLACES = st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))
STEPS = st.sampled_from((0, 1, SESSION_GAP, SESSION_GAP + 1, DAY, 29 * DAY, 31 * DAY))
NUMBERS = st.integers(0, KNOWN + 2)


@st.composite
def of_a_user(draw: st.DrawFn) -> list[Transaction]:
    """Payments in order, some of them much later than the one before."""
    found: list[Transaction] = []
    time = START
    for number in range(draw(st.integers(0, 30))):
        time += draw(STEPS)
        lat, lon = draw(PLACES) or (None, None)
        found.append(
            transaction(
                number,
                event_time=time,
                user_id=f"u{draw(st.integers(0, 12))}",
                device_id=f"d{draw(NUMBERS)}",
                amount=draw(st.integers(0, 10**15)),
                currency=draw(st.sampled_from(("EUR", "USD"))),
                country=draw(st.sampled_from(("DE", "FR"))),
                lat=lat,
                lon=lon,
            )
        )
    return found


@pytest.mark.parametrize("code", [USER_CODE, DEVICE_CODE], ids=["user", "device"])
@given(of_a_user(), st.lists(st.booleans(), min_size=30, max_size=30))
def test_counting_is_observing(
    code: KeyCode, payments: list[Transaction], asked: list[bool]
) -> None:
    fold: Any = code.fold
    observed, counted, entries = fold(), fold(), Entries(code.remembered)
    for txn, wanted in zip(payments, asked, strict=False):
        entry = entries.payment(txn)
        features = observed.observe(entry)
        if wanted:
            assert counted.observe(entry) == features
        else:
            counted.count(entry)
        assert counted == observed


def test_a_sessions_users_are_counted_once_each_and_up_to_a_limit() -> None:
    shape, entries = Shape(DEVICE_CODE.fold, ()), Entries(DEVICE_CODE.remembered)
    session: Any = DEVICE_CODE.fold and DEVICE_CODE.fold()
    users = [*range(STEP_DISTINCT), *range(5), *range(STEP_DISTINCT, STEP_DISTINCT + 5)]
    for number, user in enumerate(users):
        if number % 7 == 0:
            _, session = shape.unpack(shape.pack((0, "", ""), session))
        txn = transaction(number, event_time=START + number, user_id=f"u{user}")
        found = session.observe(entries.payment(txn))
        assert found == (number, number + 1, min(number + 1, STEP_DISTINCT))


@pytest.mark.parametrize("code", [USER_CODE, DEVICE_CODE], ids=["user", "device"])
@given(of_a_user(), st.integers(0, 30))
def test_a_copy_is_alike_and_stays_so(
    code: KeyCode, payments: list[Transaction], place: int
) -> None:
    shape, entries = Shape(code.fold, ()), Entries(code.remembered)
    fold: Any = code.fold
    history, upto = fold(), (0, "", "")
    for txn in payments[:place]:
        history.count(entries.payment(txn))
    packed, copy = shape.pack(upto, history), history.copy()
    for txn in payments[place:]:
        history.count(entries.payment(txn))
    # As values: a set that was copied may come in another order.
    assert shape.unpack(shape.pack(upto, copy)) == shape.unpack(packed)
