"""A backtest counts what a draft decides otherwise, on features as they were stored."""

from __future__ import annotations

from typing import Any

import pytest

from risk.engine.features.catalogue import FIRST
from risk.engine.rules import Ruleset
from risk.ops.rule_changes.prepare import prepare
from risk.verify.backtest.build import EXAMPLES, Comparison, kept
from risk.verify.backtest.report import Report, Sum
from tests.unit.ops.rule_changes.folders import edit, project

NOTHING = dict.fromkeys(("lat", "lon", "attributes", "undeclared"))


def row(number: int, features: dict[str, Any], **values: Any) -> dict[str, Any]:
    known = {
        "event_id": f"e{number}", "user_id": "u", "event_time": 1_764_500_000_000 + number,
        "ruleset": "default", "ruleset_version": 4, "fingerprint": "", "score": 0,
        "decision": "ALLOW", "late": False, "features": {**FIRST, **features}, "amount": 1_000,
        "currency": "EUR", "merchant_id": "m", "merchant_category": "5411", "channel": "web",
        "country": "DE", "ip": "192.0.2.1", "device_id": "d", "card_token": "****4242",
        "source": None, "verdict": None,
    }  # fmt: skip
    return {**NOTHING, **known, **values}


@pytest.fixture(scope="module")
def sides() -> tuple[Ruleset, Ruleset]:
    """The rules as they are, and with a velocity burst that begins at 5 payments."""
    tree = project()
    rule = next(one for one in tree.read("default").ruleset.rules if one.id == "velocity_burst")
    before = f"points: {rule.points}"
    text = edit(tree, "velocity_burst.yaml", before, "points: 60").text
    text = text.replace("user_count_5m >= 8", "user_count_5m >= 5").replace(
        "{user_count_5m: 7,", "{user_count_5m: 4,"
    )
    one = edit(tree, "velocity_burst.yaml", before, before)._replace(text=text)
    found = prepare(tree, one)
    assert found.is_good, (found.errors, found.failures)
    assert found.ruleset is not None
    return tree.read("default").ruleset, found.ruleset


def report(comparison: Comparison, a: Ruleset, b: Ruleset) -> Report:
    return Report(
        a_fingerprint=a.fingerprint, b_fingerprint=b.fingerprint, days=7, held=9,
        tried=comparison.tried, incomplete=comparison.incomplete, known=comparison.known,
        agree=comparison.agree, first=None, last=None, missing=sorted(comparison.missing),
        moves=comparison.moves(), rules=comparison.rules(), examples=comparison.examples,
    )  # fmt: skip


def test_flips_money_and_verdicts(sides: tuple[Ruleset, Ruleset]) -> None:
    comparison = Comparison(*sides)
    comparison.take(
        [
            row(1, {"user_count_5m": 5}, verdict="fraud", amount=700),
            row(2, {"user_count_5m": 6}, verdict="legitimate", currency="JPY"),
            row(3, {"user_count_5m": 4}),
            row(4, {"user_count_5m": 5}, fingerprint=sides[0].fingerprint),
            row(5, {}, fingerprint=sides[0].fingerprint, decision="BLOCK", score=90),
        ]
    )
    found = report(comparison, *sides)
    assert (found.compared, found.incomplete, found.known, found.agree) == (5, 0, 2, 1)
    (move,) = found.flips
    assert (move.a, move.b, move.by) == ("ALLOW", "REVIEW", 1)
    assert move.sum == Sum(3, 1, 1, {"EUR": 1_700, "JPY": 1_000})
    assert found.flagged(stricter=True) == move.sum
    assert found.flagged(stricter=False) == Sum()
    (rule,) = found.rules
    assert (rule.rule, rule.a.payments, rule.b.payments) == ("velocity_burst", 0, 3)
    assert [one.event_id for one in found.examples] == ["e1", "e2", "e4"]
    assert kept(found)["examples"] == []
    assert kept(found)["moves"][0]["a"] == "ALLOW"


def test_what_lacks_a_feature_is_left_out_and_named(sides: tuple[Ruleset, Ruleset]) -> None:
    comparison, one = Comparison(*sides), row(1, {"user_count_5m": 9})
    del one["features"]["user_count_5m"]
    comparison.take([one])
    found = report(comparison, *sides)
    assert (found.tried, found.incomplete, found.compared) == (1, 1, 0)
    assert found.missing == ["user_count_5m"]


def test_examples_are_few(sides: tuple[Ruleset, Ruleset]) -> None:
    comparison = Comparison(*sides)
    comparison.take([row(n, {"user_count_5m": 6}) for n in range(2 * EXAMPLES)])
    assert len(comparison.examples) == EXAMPLES
    assert comparison.moves()[0].sum.payments == 2 * EXAMPLES
