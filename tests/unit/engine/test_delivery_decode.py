"""What the deliveries take: the same for all stores, in agreement with the schemas."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from risk.engine.delivery import decode, weight
from risk.engine.messages import MAX_REASONS, Late, Score
from tests.contract import extremes
from tests.contract.messages import late, score
from tests.unit.engine.test_schemas import VALIDATORS

GOOD: dict[str, Any] = msgspec.to_builtins(score("e1", points=90))
LATE: dict[str, Any] = msgspec.to_builtins(late("l1"))
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def changed(message: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The message with another value at a path like `reasons.0.points`."""
    found: dict[str, Any] = json.loads(json.dumps(message))
    node: Any = found
    *way, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    for part in way:
        node = node[part]
    node[last] = value
    return found


def many_reasons(count: int) -> list[dict[str, Any]]:
    return [{**GOOD["reasons"][0], "rule": f"rule_{n}"} for n in range(count)]


def refusal(message: dict[str, Any]) -> str | None:
    try:
        decode(json.dumps(message).encode())
    except ValueError as error:
        return str(error)
    return None


def valid(message: dict[str, Any]) -> bool:
    schema = VALIDATORS["late" if "late_by" in message else "score"]
    return not list(schema.iter_errors(message))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("score", 99_999),
        ("score", -1),
        ("score", 101),
        ("revision", 70_000),
        ("revision", 32_768),
        ("schema_version", 2),
        ("event_time", 253_402_300_800_000),
        ("event_time", -1),
        ("scored_at", 2**63),
        ("event_id", ""),
        ("event_id", "x" * 129),
        ("user_id", "a\0b"),
        ("run_id", "r" * 129),
        ("ruleset", "Default"),
        ("ruleset_version", 0),
        ("ruleset_version", 2**31),
        ("fingerprint", "f" * 63),
        ("decision", "MAYBE"),
        ("kind", "other"),
        ("reasons.0.points", 101),
        ("reasons.0.version", 2**40),
        ("reasons.0.rule", "no rule"),
        ("features.user_count_5m", 1.5),
        ("features.user_count_5m", True),
        ("features.user_new_device", 1),
        ("features.user_speed_kmh", -1),
        ("transaction.amount", 10**15 + 1),
        ("transaction.amount", -1),
        ("transaction.currency", "eur"),
        ("transaction.country", "D"),
        ("transaction.channel", "phone"),
        ("transaction.merchant_category", "54"),
        ("transaction.ip", "nowhere"),
        ("transaction.ip", "fe80::1%eth0"),
        ("transaction.lat", 91),
        ("transaction.lon", None),
        ("transaction.device_id", ""),
    ],
)
def test_what_no_store_is_to_take_is_refused_with_its_field(path: str, value: Any) -> None:
    message = changed(GOOD, path, value)
    found = refusal(message)
    assert found is not None
    assert path.replace(".0", "[0]") in found or "feature" in found
    assert not valid(message)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: changed(m, "reasons", m["reasons"] * 2), "reasons: the same rule twice"),
        (lambda m: changed(m, "reasons.0.text", "a\0b"), "reasons.text: has a NUL"),
        (lambda m: changed(m, "features", {"a\0": 1}), "features.a: has a NUL"),
        (lambda m: changed(m, "features", {"": 1}), "features.: no name"),
        (lambda m: changed(m, "features.user_count_5m", 2**63), "features.user_count_5m: 92"),
        (lambda m: changed(m, "ruleset", "default\n"), "ruleset: "),
        (lambda m: changed(m, "reasons", many_reasons(MAX_REASONS + 1)), "reasons: "),
        (lambda m: changed(m, "features", {"a.b": 1}), "features.a.b: no name"),
        (lambda m: changed(m, "features", {"later": 2**63}), "features.later: 92"),
        (lambda m: {k: v for k, v in m.items() if k != "user_id"}, "`user_id`"),
    ],
)
def test_what_a_type_does_not_say_is_refused(
    change: Callable[[dict[str, Any]], dict[str, Any]], words: str
) -> None:
    assert words in (refusal(change(GOOD)) or "")


SAID: dict[str, Any] = {"score": 900, "contributions": []}
MOVED: dict[str, Any] = {"input": "amount", "value": 7, "points": -3}


@pytest.mark.parametrize(
    "models",
    [
        {},
        {"Card": SAID},
        {"card": None},
        {f"m{n}": SAID for n in range(9)},
        {"card": {**SAID, "score": 1_001}},
        {"card": {**SAID, "score": 0.5}},
        {"card": {"score": 900}},
        {"card": {**SAID, "contributions": [MOVED] * 6}},
        {"card": {**SAID, "contributions": [{**MOVED, "points": 0.5}]}},
        {"card": {**SAID, "contributions": [{**MOVED, "value": "7"}]}},
        {"card": {**SAID, "contributions": [{"input": "amount", "points": 1}]}},
        {"card": {**SAID, "by": "Card"}},
        {"card": {**SAID, "by": None}},
        {"card": {**SAID, "file": "abc"}},
        {"card": {**SAID, "file": "0123456789AB"}},
    ],
)
def test_models_are_held_to_their_form(models: dict[str, Any]) -> None:
    good = changed(GOOD, "models", {"card": {**SAID, "contributions": [MOVED] * 5}})
    assert refusal(good) is None
    assert valid(good)
    told = changed(GOOD, "models", {"card": {**SAID, "by": "card_next", "file": "0123456789ab"}})
    assert refusal(told) is None
    assert valid(told)
    message = changed(GOOD, "models", models)
    assert "models" in (refusal(message) or "")
    assert not valid(message)


@pytest.mark.parametrize("path", ["late_by", "partition", "offset"])
@pytest.mark.parametrize("value", [-1, 2**63])
def test_late_messages_are_held_to_bounds(path: str, value: int) -> None:
    assert path in (refusal(changed(LATE, path, value)) or "")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"", "empty: no message"),
        (b"{", "not JSON"),
        (b"\xff\x00", "not JSON"),
        (b'"text"', "Expected `object`"),
        (b"[" * 100_000, "Expected `object`"),
        (json.dumps(GOOD).replace('"e1"', '"\\ud800"').encode(), "not JSON"),
    ],
)
def test_what_is_no_message_says_so(value: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        decode(value)


def test_as_many_reasons_as_there_may_be() -> None:
    message = changed(GOOD, "reasons", many_reasons(MAX_REASONS))
    assert refusal(message) is None
    assert valid(message)


def test_six_characters_are_no_nul() -> None:
    assert refusal(changed(GOOD, "event_id", "\\u0000")) is None


def test_what_later_versions_add_is_left_out() -> None:
    more = {**GOOD, "verdict_of": {"x": [1]}, "features": {**GOOD["features"], "later": -1.5}}
    found = decode(json.dumps(more).encode())
    assert isinstance(found, Score)
    assert found.features["later"] == -1.5


@given(message=extremes.scores())
@SLOW
def test_what_the_schema_allows_is_taken(message: dict[str, Any]) -> None:
    assert valid(message)
    assert refusal(message) is None
    assert isinstance(decode(json.dumps(message).encode()), Score)


@given(message=extremes.lates())
@SLOW
def test_what_the_schema_allows_of_late_ones_is_taken(message: dict[str, Any]) -> None:
    assert isinstance(decode(json.dumps(message).encode()), Late)


NUMBERS = (
    *("score", "revision", "event_time", "scored_at", "ruleset_version", "schema_version"),
    *("reasons.0.points", "reasons.0.version", "transaction.amount"),
)
NEAR = [0, 100, 32_767, 1_000_000, 10**15, 253_402_300_799_999, 2**31, 2**53]


@given(path=st.sampled_from(NUMBERS), near=st.sampled_from(NEAR), off=st.integers(-2, 2))
@SLOW
def test_schema_and_code_have_the_same_bounds(path: str, near: int, off: int) -> None:
    message = changed(GOOD, path, near + off)
    assert (refusal(message) is None) is valid(message)


def test_the_weight_of_a_score() -> None:
    order = [
        score("e", kind="replay", late=True, revision=9),
        score("e", kind="replay"),
        score("e", late=True, revision=9),
        score("e", kind="shadow"),
        score("e", revision=1),
    ]
    weights = [weight(one) for one in order]
    assert weights == sorted(weights)
    assert len(set(weights)) == len(weights)
