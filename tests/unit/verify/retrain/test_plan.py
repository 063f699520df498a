"""`retrain.yaml`: what it may say, and how each fault is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk.errors import UserError
from risk.paths import ROOT
from risk.verify.retrain.gate import Limits
from risk.verify.retrain.plan import Days, Plan, is_candidate, parse, read

TEXT = """\
ruleset: default
model: card
kinds: [boosting, forest]
days: {learn: 60, delay: 7, test: 14}
gate: {f1_above: 0.7, frauds: 100, group_frauds: 20, group_worse: 0.05, resamples: 200}
rollout: {share: 0.5, salt: "2026-12"}
folder: build/retrain
"""
PLAN = Plan(
    ruleset="default",
    model="card",
    kinds=("boosting", "forest"),
    days=Days(60, 7, 14),
    gate=Limits(0.7, 100, 20, 0.05, 200),
    folder="build/retrain",
    share=5,
    salt="2026-12",
)


def test_a_plan_is_read() -> None:
    assert parse(TEXT, "retrain.yaml") == PLAN
    assert PLAN.traffic == "0.5 % of the users"


def test_without_a_rollout_what_passes_goes_to_the_shadow() -> None:
    found = parse("".join([*TEXT.splitlines(True)[:5], "folder: x\n"]), "retrain.yaml")
    assert (found.share, found.salt, found.traffic) == (0, "", "the shadow")


def test_the_plan_that_is_there_is_one_and_gives_no_traffic_to_anything() -> None:
    assert read(ROOT / "retrain.yaml").share == 0


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "boosting, forest",
            "boosting, forrest",
            """\
retrain.yaml:3:19: expected one of boosting, forest, extra_trees
    kinds: [boosting, forrest]
                      ^^^^^^^""",
        ),
        ("boosting, forest", "isolation", "retrain.yaml:3:9: expected one of boosting"),
        ("boosting, forest", "forest, forest", "3:17: forest stands in this list twice"),
        ("[boosting, forest]", "[]", "3:8: the list is empty"),
        ("model: card", "model: Card", "2:8: 'Card': expected a name of small letters"),
        ("learn: 60", "learn: 0", "4:15: expected a whole number from 1 to 1,000"),
        ("test: 14", "tests: 14", "4:29: unknown key tests: did you mean test?"),
        ("f1_above: 0.7", "f1_above: 1.7", "5:18: expected a number from 0 to 1"),
        ("f1_above: 0.7", "f1_above: true", "5:18: expected a number from 0 to 1"),
        ("resamples: 200", "resamples: 5", "expected a whole number from 20 to 1,000"),
        (', salt: "2026-12"', "", "6:10: 'salt' is missing"),
        ("share: 0.5", "share: 101", "6:18: expected a share from 0 to 100 percent"),
        ("folder: build/retrain\n", "", "'folder' is missing"),
    ],
)
def test_each_fault_is_told_with_its_place(old: str, new: str, fault: str) -> None:
    with pytest.raises(UserError) as error:
        parse(TEXT.replace(old, new, 1), "retrain.yaml")
    assert fault in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no such file: see docs/how-to/retrain\.md"):
        read(tmp_path / "retrain.yaml")


def test_candidates_are_called_by_the_day() -> None:
    assert is_candidate("card_20261130", "card")
    assert not is_candidate("card_next", "card")
    assert not is_candidate("card", "card")
