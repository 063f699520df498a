"""What scores say of features whose windows are not full: the two definitions, and brute force."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.features.catalogue import DAY, HOUR, MINUTE
from risk.engine.oracle.since import since
from risk.engine.rules import Ruleset
from risk.engine.rules.declaration import Declaration
from risk.engine.rules.parser import parse
from risk.engine.since import WHOLE, History, LookBack, Since
from tests.unit.engine.control_groups import loaded
from tests.unit.engine.features.declared.declarations import declarations
from tests.unit.streams import SCORING, START

RULESET = loaded()
SPENT = Declaration("spent", ("user_id",), "sum", "amount", window=30 * DAY)


def with_features(*declared: Declaration) -> Ruleset:
    return replace(RULESET, features=declared)


def told(history: History, event_time: int, *declared: Declaration) -> dict[str, int]:
    found = Since(history, declared).of(event_time)
    return {} if found is msgspec.UNSET else found


@given(
    declared=declarations(),
    after=st.one_of(
        st.sampled_from([0, 1, 2 * MINUTE, 5 * MINUTE, HOUR, DAY, 29 * DAY, 30 * DAY]),
        st.integers(0, 80 * DAY),
    ),
    nudge=st.integers(-2, 2),
    moment=st.integers(START, START + DAY),
)
def test_the_engine_says_what_the_oracle_says(
    declared: list[Declaration], after: int, nudge: int, moment: int
) -> None:
    time = moment + after + nudge
    history = History(moment, SCORING.feedback_memory_ms)
    ruleset = with_features(*declared)
    assert told(history, time, *declared) == (since(moment, ruleset, SCORING, time) or {})
    assert told(WHOLE, time, *declared) == {}
    assert since(None, ruleset, SCORING, time) is None


@given(st.integers(0, 10**6), st.integers(1, 50), st.integers(1, 1_000), st.integers(0, 10**6))
def test_a_window_is_whole_once_it_begins_at_the_moment(
    moment: int, steps: int, step: int, time: int
) -> None:
    begins = (time // step - steps + 1) * step
    assert (time >= LookBack(steps * step, step).whole_from(moment)) == (begins >= moment)


def test_an_entry_goes_when_the_window_is_full() -> None:
    history = History(START)
    assert told(history, START + 29 * DAY, SPENT)["spent"] == START
    assert told(history, START + 30 * DAY - 2, SPENT)["spent"] == START
    assert "spent" not in told(history, START + 30 * DAY - 1, SPENT)
    assert told(history, START + 31 * DAY, SPENT) == {}


def test_a_short_window_is_full_long_before_a_long_one() -> None:
    found = told(History(START), START + 6 * MINUTE, SPENT)
    assert "user_count_5m" not in found
    assert {"spent", "user_history_count", "device_session_users"} <= found.keys()


def test_what_became_of_payments_is_known_later() -> None:
    frauds = Declaration(
        "frauds", ("user_id",), "count", window=DAY, where=parse('verdict == "fraud"')
    )
    history = History(START, 45 * DAY)
    assert "frauds" in told(history, START + 45 * DAY, frauds)
    assert "frauds" not in told(history, START + 46 * DAY, frauds)


def test_a_late_payment_looks_at_nothing_else() -> None:
    assert Since(History(START), ()).of(START, late=True) is msgspec.UNSET
