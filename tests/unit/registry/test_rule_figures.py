"""The precision of a rule, with an interval that few verdicts make wide."""

from __future__ import annotations

import pytest

from risk.registry.rule_figures import RuleFigures


def test_precision_is_of_the_judged_alone() -> None:
    assert RuleFigures("x", hits=7).precision is None
    share, low, high = RuleFigures("x", 100, 9, 1).precision or (0, 0, 0)
    assert (share, low, high) == pytest.approx((0.9, 0.5958, 0.9821), abs=1e-4)


def test_an_interval_stays_within_0_and_1() -> None:
    for one in (RuleFigures("x", 1, 1, 0), RuleFigures("x", 1, 0, 1), RuleFigures("x", 9, 900, 0)):
        assert one.precision is not None
        share, low, high = one.precision
        assert 0 <= low <= share <= high <= 1
