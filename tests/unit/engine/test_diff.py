"""Every flip between two rulesets is explained, and what can't be is said to be so."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.engine.diff import Cause, Flip, Hit, Side, Terms, differing_features, flip, terms
from risk.engine.features import named
from risk.engine.features.catalogue import TYPES, FeatureValue
from risk.engine.rules import Ruleset, load
from risk.engine.scoring import score
from tests.unit.streams import transaction

CONDITIONS = (
    "amount > {}",
    "user_count_5m >= {}",
    "ip_users_2m >= {} or user_new_device",
    "user_new_country and not user_amount_ratio > {}",
    "amount / 10 + ip_count_2m > {} and merchant_category in risky",
    'country in ["DE", "FR"] and device_session_users < {}',
)
Features = dict[str, FeatureValue]


@st.composite
def rulesets(draw: st.DrawFn, name: str) -> Ruleset:
    """Some of six rules, each with points, a condition with a number and a list of its own."""
    review = draw(st.integers(1, 100))
    block = draw(st.integers(review, 100))
    risky = draw(st.sampled_from(('["5411"]', '["4829", "7995"]')))
    files = {
        "ruleset.yaml": f"{{name: {name}, version: 1, description: d, "
        f"thresholds: {{review: {review}, block: {block}}}, lists: {{risky: {risky}}}}}"
    }
    for at in draw(st.sets(st.integers(0, 5), min_size=1)):
        when = CONDITIONS[at].format(draw(st.integers(0, 9)))
        files[f"r{at}.yaml"] = (
            f"id: r{at}\nversion: 1\ndescription: d\npoints: {draw(st.integers(1, 100))}\n"
            f"when: '{when}'\nreason: r\ntests:\n  - {{name: hit, hit: true, given: {{}}}}\n"
            "  - {name: miss, hit: false, given: {}}\n"
        )
    return load(files)


def features() -> st.SearchStrategy[Features]:
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "int": st.integers(0, 10),
        "float": st.sampled_from((0.0, 3.5, 8.0)),
        "bool": st.booleans(),
    }
    return st.fixed_dictionaries({name: kinds[kind] for name, kind in TYPES.items()})


def side(ruleset: Ruleset, found: Features, amount: int) -> Side:
    outcome = score(ruleset, named.Features.of(found), transaction(1, amount=amount))
    hits = tuple(Hit(reason.rule, reason.points) for reason in outcome.reasons)
    return Side(outcome.score, outcome.decision, hits)


LEVEL = {"ALLOW": 0, "REVIEW": 1, "BLOCK": 2}


@settings(max_examples=400)
@given(rulesets("a"), rulesets("b"), features(), features(), st.integers(0, 100))
def test_every_flip_is_explained(
    one: Ruleset, other: Ruleset, seen: Features, otherwise: Features, amount: int
) -> None:
    for later in (seen, otherwise):
        a, b = side(one, seen, amount), side(other, later, amount)
        found = flip(a, b, terms(one), terms(other), seen == later)
        if a.decision == b.decision:
            assert found is None
            continue
        assert found is not None
        assert found.explained
        assert found.by == LEVEL[b.decision] - LEVEL[a.decision]
        assert all(cause.points * found.by > 0 for cause in found.causes if cause.rule)
        if seen == later:
            assert "features" not in {cause.why for cause in found.causes}


@settings(max_examples=100)
@given(rulesets("a"), features(), features(), st.integers(0, 100))
def test_under_one_ruleset_only_features_can_flip(
    ruleset: Ruleset, seen: Features, later: Features, amount: int
) -> None:
    a, b = side(ruleset, seen, amount), side(ruleset, later, amount)
    by = terms(ruleset)
    found = flip(a, b, by, by, same_features=False)
    assert found is None or {cause.why for cause in found.causes} == {"features"}
    blamed = flip(a, b, by, by, same_features=True)
    assert blamed is None or not blamed.explained


WAS = Terms(50, 80, {"x": "1", "y": "1", "gone": "1"})
NOW = Terms(40, 80, {"x": "2", "y": "1", "new": "1"})
ALLOWED = Side(0, "ALLOW", ())


@pytest.mark.parametrize(
    ("a", "b", "by", "causes"),
    [
        (
            ALLOWED,
            Side(90, "BLOCK", (Hit("new", 60), Hit("x", 30))),
            2,
            [Cause("added", "new", 60), Cause("condition", "x", 30)],
        ),
        (Side(50, "REVIEW", (Hit("gone", 50),)), ALLOWED, -1, [Cause("removed", "gone", -50)]),
        (
            Side(45, "ALLOW", (Hit("y", 45),)),
            Side(45, "REVIEW", (Hit("y", 45),)),
            1,
            [Cause("threshold", "", 0)],
        ),
        (
            Side(30, "ALLOW", (Hit("y", 30),)),
            Side(45, "REVIEW", (Hit("y", 45),)),
            1,
            [Cause("points", "y", 15), Cause("threshold", "", 0)],
        ),
        (
            # What pulled the other way is no cause.
            Side(50, "REVIEW", (Hit("gone", 50),)),
            Side(95, "BLOCK", (Hit("new", 95),)),
            1,
            [Cause("added", "new", 95)],
        ),
    ],
)
def test_causes(a: Side, b: Side, by: int, causes: list[Cause]) -> None:
    assert flip(a, b, WAS, NOW, True) == Flip(by, tuple(causes), True)


@pytest.mark.parametrize(
    "b",
    [
        Side(60, "REVIEW", (Hit("new", 55),)),  # not the sum
        Side(90, "REVIEW", (Hit("new", 90),)),  # not what the thresholds say
        Side(60, "REVIEW", (Hit("y", 60),)),  # one condition, the same features, two answers
    ],
)
def test_what_does_not_follow_is_unexplained(b: Side) -> None:
    found = flip(ALLOWED, b, WAS, NOW, True)
    assert found is not None
    assert not found.explained


HEAD = "{name: %s, version: 1, description: d, thresholds: {review: 50, block: 80}}"
RULE = """\
id: busy
version: 1
description: Many.
points: 50
when: merchant_sum > 100 and tier == "gold"
reason: "{merchant_sum}"
tests:
  - {name: few, hit: false, given: {}}
  - {name: much, hit: true, given: {merchant_sum: 101, tier: gold}}
"""
FEATURES = """\
merchant_sum:
  key: merchant_id
  window: %s
  value: sum(amount)
  about: what it got
  tests: [{name: one, payments: [{amount: 7}], value: 7}]
merchant_count:
  key: merchant_id
  window: 10m
  value: count
  about: how many
  tests: [{name: one, payments: [{}], value: 1}]
"""


def declaring(name: str, window: str) -> Ruleset:
    return load(
        {
            "ruleset.yaml": HEAD % name,
            "busy.yaml": RULE,
            "attributes.yaml": "tier: {type: str, about: the customer}",
            "features/any.yaml": FEATURES % window,
        }
    )


def test_a_feature_of_another_definition_is_another_condition() -> None:
    one, same, other = declaring("a", "10m"), declaring("b", "10m"), declaring("c", "1h")
    assert differing_features(one, same) == []
    assert differing_features(one, other) == ["merchant_sum"]
    assert terms(one).conditions == terms(same).conditions
    assert terms(one).conditions != terms(other).conditions
    hit = Side(50, "REVIEW", (Hit("busy", 50),))
    found = flip(ALLOWED, hit, terms(one), terms(other), same_features=True)
    assert found == Flip(1, (Cause("condition", "busy", 50),), True)
