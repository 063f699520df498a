"""The promotion gate: what passes, what fails, and that each failure is told."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.verify.quality.intervals import Interval
from risk.verify.retrain.gate import GroupDifference, Limits, Measured, Ruling, judge

LIMITS = Limits(f1_above=0.7, frauds=100, group_frauds=20, group_worse=0.05, resamples=200)
GOOD = Measured("card", 0.75, 120, ("auc_roc",), (), ())
UNITS = st.floats(-1, 1)
INTERVALS = st.one_of(
    st.just(Interval(None, None, None)),
    st.lists(UNITS, min_size=3, max_size=3)
    .map(sorted)
    .map(lambda one: Interval(one[1], one[0], one[2])),
)
GROUPS = st.builds(
    GroupDifference,
    st.sampled_from(["country", "channel", "source"]),
    st.sampled_from(["", "DE", "web", "bank-a"]),
    st.integers(0, 50),
    INTERVALS,
)
NAMES = st.lists(st.sampled_from(["auc_roc", "brier"]), max_size=2).map(tuple)
MEASURED = st.builds(
    Measured,
    st.just("card"),
    st.one_of(st.none(), st.floats(0, 1)),
    st.integers(0, 300),
    NAMES,
    NAMES,
    st.lists(GROUPS, max_size=3).map(tuple),
    st.lists(st.just("in the way"), max_size=1).map(tuple),
)


def changed(**changes: object) -> Ruling:
    return judge(msgspec.structs.replace(GOOD, **changes), LIMITS)


def test_what_meets_all_conditions_passes() -> None:
    assert judge(GOOD, LIMITS) == Ruling(True, ())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"f1": 0.7}, "F1 is 0.700, and has to be above 0.7"),
        ({"f1": None}, "F1 can't be told: no payment that was judged is fraud, or flagged"),
        ({"frauds": 99}, "too few frauds to judge by: 99 of 100"),
        ({"better": ()}, "no better than card: every difference may be chance"),
        ({"worse": ("brier",)}, "worse than card, beyond chance: brier"),
        ({"obstacles": ("card_x answers for users",)}, "card_x answers for users"),
        (
            {"groups": (GroupDifference("country", "DE", 40, Interval(-0.2, -0.3, -0.1)),)},
            "country DE is much worse off than with card: average precision -0.200, beyond chance "
            "(40 frauds)",
        ),
        (
            {"groups": (GroupDifference("source", "", 20, Interval(-0.06, -0.3, -0.01)),)},
            "source unknown is much worse off than with card: average precision -0.060, beyond "
            "chance (20 frauds)",
        ),
    ],
)
def test_each_condition_alone_fails_and_is_told(changes: dict[str, object], reason: str) -> None:
    assert changed(**changes) == Ruling(False, (reason,))


@pytest.mark.parametrize(
    ("frauds", "difference"),
    [
        (19, Interval(-0.9, -1.0, -0.8)),  # too few to say
        (40, Interval(-0.05, -0.06, -0.04)),  # worse, but not by more than it may be
        (40, Interval(-0.2, -0.5, 0.0)),  # may be chance
        (40, Interval(None, None, None)),
    ],
)
def test_a_group_that_may_be_worse_doesn_t_fail(frauds: int, difference: Interval) -> None:
    assert changed(groups=(GroupDifference("country", "DE", frauds, difference),)).passed


@given(MEASURED)
def test_it_passes_exactly_if_there_is_no_reason_against_it(found: Measured) -> None:
    ruling = judge(found, LIMITS)
    assert ruling.passed is (not ruling.reasons)
    assert ruling.passed is (
        found.f1 is not None
        and found.f1 > 0.7
        and found.frauds >= 100
        and bool(found.better)
        and not found.worse
        and not found.obstacles
        and not any(
            one.frauds >= 20
            and one.difference.value is not None
            and one.difference.high is not None
            and one.difference.value < -0.05
            and one.difference.high < 0
            for one in found.groups
        )
    )


@given(MEASURED, st.floats(0, 1), st.integers(0, 100))
def test_a_better_candidate_never_fails_where_a_worse_one_passed(
    found: Measured, more: float, frauds: int
) -> None:
    better = msgspec.structs.replace(
        found,
        f1=None if found.f1 is None else max(found.f1, more),
        frauds=found.frauds + frauds,
        groups=found.groups[:1],
        obstacles=(),
    )
    assert judge(better, LIMITS).passed or not judge(found, LIMITS).passed


@given(MEASURED, st.floats(0, 0.3), st.integers(0, 100))
def test_stricter_limits_never_let_more_pass(found: Measured, f1: float, frauds: int) -> None:
    stricter = msgspec.structs.replace(
        LIMITS, f1_above=LIMITS.f1_above + f1, frauds=LIMITS.frauds + frauds, group_worse=0.01
    )
    assert judge(found, LIMITS).passed or not judge(found, stricter).passed


@given(MEASURED)
def test_the_order_of_groups_has_no_part_in_it(found: Measured) -> None:
    turned = msgspec.structs.replace(found, groups=found.groups[::-1])
    assert sorted(judge(turned, LIMITS).reasons) == sorted(judge(found, LIMITS).reasons)
