"""Counting an event in without its features leaves a history as observing it does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.features.catalogue import DAY, KNOWN_PLACES, SESSION_GAP, SESSION_USERS
from risk.engine.features.device.session import Session
from risk.engine.features.entry import Entry
from risk.engine.features.shape import Dumped
from risk.engine.features.user.profile import Profile

PLACES = st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))
STEPS = st.sampled_from((0, 1, SESSION_GAP, SESSION_GAP + 1, DAY, 29 * DAY, 31 * DAY))
NUMBERS = st.integers(0, KNOWN_PLACES + 2)


@st.composite
def of_a_user(draw: st.DrawFn) -> list[Entry]:
    """Payments in order, some of them much later than the one before."""
    found: list[Entry] = []
    time = 1_790_000_000_000
    for number in range(draw(st.integers(0, 30))):
        time += draw(STEPS)
        amount, currency = draw(st.integers(0, 10**15)), draw(st.sampled_from(("EUR", "USD")))
        lat, lon = draw(PLACES) or (None, None)
        device, country = f"d{draw(NUMBERS)}", draw(st.sampled_from(("DE", "FR")))
        who = f"e{number}", f"u{draw(st.integers(0, 12))}", "ip", device
        found.append(Entry(time, *who, amount, currency, "m", country, lat, lon))
    return found


@pytest.mark.parametrize("new", [Profile, Session])
@given(of_a_user(), st.lists(st.booleans(), min_size=30, max_size=30))
def test_counting_is_observing(
    new: Callable[[], Dumped], entries: list[Entry], asked: list[bool]
) -> None:
    observed, counted = new(), new()
    for entry, wanted in zip(entries, asked, strict=False):
        features = observed.observe(entry)
        if wanted:
            assert counted.observe(entry) == features
        else:
            counted.count(entry)
        assert counted.dump() == observed.dump()


def test_a_sessions_users_are_counted_once_each_and_up_to_a_limit() -> None:
    session = Session()
    users = [*range(SESSION_USERS), *range(5), *range(SESSION_USERS, SESSION_USERS + 5)]
    for number, user in enumerate(users):
        if number % 7 == 0:
            dumped, session = session.dump(), Session()
            session.load(dumped)
        found = session.observe(Entry(1_000 + number, f"e{number}", f"u{user}", "ip", "d"))
        assert found == (number, number + 1, min(number + 1, SESSION_USERS))
