"""From hits to a score, a decision and reasons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.messages import Reason
from risk.engine.rules import Ruleset, load
from risk.engine.rules.cases import situation
from risk.engine.scoring import CLEAR, decide, score

HEAD = "{name: shop, version: 3, description: d, thresholds: {review: 50, block: 80}}"


def rule(name: str, points: int, when: str, reason: str) -> str:
    return f"""\
id: {name}
version: 2
description: d
points: {points}
when: {when}
reason: "{reason}"
tests:
  - {{name: hit, hit: true, given: {{}}}}
  - {{name: miss, hit: false, given: {{}}}}
"""


def ruleset(*points: int) -> Ruleset:
    files = {"ruleset.yaml": HEAD}
    for index, number in enumerate(points):
        name = f"r{index}"
        files[f"{name}.yaml"] = rule(name, number, f"amount >= {index}", "{amount} of {currency}")
    return load(files)


@given(st.lists(st.integers(1, 100), min_size=1, max_size=6), st.integers(0, 6))
def test_the_score_is_the_sum_of_points_up_to_100(points: list[int], amount: int) -> None:
    found = score(ruleset(*points), *situation({"amount": amount}))
    hit = [(f"r{i}", p) for i, p in enumerate(points) if amount >= i]
    total = min(100, sum(p for _, p in hit))
    assert found.score == total
    assert found.decision == ("BLOCK" if total >= 80 else "REVIEW" if total >= 50 else "ALLOW")
    assert [(r.rule, r.points) for r in found.reasons] == sorted(hit, key=lambda h: (-h[1], h[0]))


@pytest.mark.parametrize(
    ("total", "decision"),
    [(0, "ALLOW"), (49, "ALLOW"), (50, "REVIEW"), (79, "REVIEW"), (80, "BLOCK"), (100, "BLOCK")],
)
def test_a_threshold_belongs_to_what_is_above_it(total: int, decision: str) -> None:
    assert decide(ruleset(1), total) == decision


def test_a_reason_is_filled_in() -> None:
    text = "{user_speed_kmh:.0} km/h, {user_amount_ratio} x, {user_new_device}, {hour_utc} h, {ip}"
    one = load({"ruleset.yaml": HEAD, "r.yaml": rule("r", 70, "amount > 0", text)})
    given = {"user_speed_kmh": 1234.56, "user_amount_ratio": 3.25, "hour_utc": 7}
    found = score(one, *situation(given))
    assert found.reasons == (Reason("r", 2, 70, "1235 km/h, 3.2 x, false, 7 h, 192.0.2.1"),)
    assert (found.score, found.decision) == (70, "REVIEW")


def test_without_a_hit_nothing_is_made() -> None:
    one = load({"ruleset.yaml": HEAD, "r.yaml": rule("r", 70, "amount < 0", "x")})
    assert score(one, *situation({})) is CLEAR
