"""What would have changed a decision, on rulesets and payments of all kinds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.engine.features.catalogue import CATALOGUE, FIRST, FeatureValue
from risk.engine.messages import MaskedTransaction
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from risk.verify.explained.again import Stored, again
from risk.verify.explained.changes import (
    HARDNESS,
    MOST,
    MOST_VALUES,
    candidates,
    changes,
    thresholds,
)
from risk.verify.explained.words import change_in_words

RULESET = read_folder(RULES / "default")
VALUES = {
    "int": st.integers(0, 2_000_000),
    "float": st.floats(0, 5_000).map(lambda value: round(value, 2)),
    "bool": st.booleans(),
}
FEATURES = st.fixed_dictionaries({one.name: VALUES[one.type] for one in CATALOGUE})
PAYMENTS = st.builds(
    MaskedTransaction,
    amount=st.integers(0, 10_000_000),
    currency=st.sampled_from(("EUR", "JPY", "KWD")),
    merchant_category=st.sampled_from(("5411", "4829", "6051")),
    channel=st.sampled_from(("web", "atm", "pos", "app")),
    country=st.sampled_from(("DE", "NG", "US")),
)


def stored(features: dict[str, FeatureValue], txn: MaskedTransaction) -> Stored:
    return Stored("e1", "u1", 1_764_500_000_000, txn, features, late=False)


@settings(max_examples=40)
@given(FEATURES, PAYMENTS)
def test_each_change_is_what_the_engine_says(
    features: dict[str, FeatureValue], txn: MaskedTransaction
) -> None:
    one = again(RULESET, stored(features, txn))
    before = one.outcome()
    found = changes(one)
    assert len(found) <= MOST
    assert [change.away for change in found] == sorted(change.away for change in found)
    for change in found:
        assert change.was == features[change.feature] != change.value
        then = one.outcome({**one.features, change.feature: change.value})
        assert (then.score, then.decision) == (change.score, change.decision)
        assert change.before == before.decision
        assert HARDNESS[change.decision] < HARDNESS[change.before]
    if before.decision == "ALLOW":
        assert found == []


@given(st.one_of(*VALUES.values()), st.lists(st.floats(-10, 10_000), max_size=80))
def test_values_are_of_the_features_kind_the_nearest_first(
    was: FeatureValue, seen: list[float]
) -> None:
    found = candidates(was, type(was)(0), seen)
    assert was not in found
    assert {type(value) for value in found} <= {type(was)}
    assert len(found) <= MOST_VALUES
    away = [abs(value - was) for value in found]
    assert away == sorted(away)


def test_a_burst_that_is_one_payment_shorter_is_no_burst() -> None:
    least = min(thresholds(RULESET)["user_count_5m"])
    burst = {**FIRST, "user_count_5m": int(least)}
    rules = again(RULESET, stored(burst, MaskedTransaction(5_000, "EUR"))).outcome().reasons
    assert rules, "the rule hits at its threshold"
    found = candidates(burst["user_count_5m"], 1, thresholds(RULESET)["user_count_5m"])
    assert found[0] == least - 1


@pytest.mark.parametrize(
    ("was", "value", "told"),
    [
        (6, 4, "2 fewer: the user's payments in 5 minutes, 4 instead of 6"),
        (6, 7, "1 more: the user's payments in 5 minutes, 7 instead of 6"),
    ],
)
def test_a_change_in_words(was: int, value: int, told: str) -> None:
    assert change_in_words("user_count_5m", was, value, {}) == told


def test_true_and_fractions_in_words() -> None:
    assert change_in_words("user_new_device", True, False, {}) == (
        "not so: has a history, but not on this device"
    )
    assert change_in_words("user_speed_kmh", 900.5, 800.0, {}) == (
        "less: the speed over that distance, in at least 1 s; 0 if unknown, 800 instead of 900.5"
    )
    assert change_in_words("own", 3, 1, {"own": "payments of the terminal"}) == (
        "2 fewer: payments of the terminal, 1 instead of 3"
    )


def test_an_amount_is_told_in_its_currency() -> None:
    assert change_in_words("user_amount_5m", 90_050, 40_000, {}, "EUR") == (
        "less: sum of the amounts in this payment's currency in 5 minutes, in EUR, "
        "400 instead of 900.5"
    )
