"""When a series is flat, and when it is bounded."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.verify.soak.series import (
    HOUR_S,
    Point,
    allowed,
    breaches,
    judge,
    slope,
    steady_part,
)

FINITE = st.floats(-1e6, 1e6)


def line(per_hour: float, level: float = 1_000.0, seconds: int = 3_600) -> list[Point]:
    return [(float(at), level + per_hour * at / HOUR_S) for at in range(0, seconds + 1, 5)]


@given(st.floats(-100, 100), FINITE, st.integers(2, 600))
def test_the_slope_of_a_line_is_its_own(rise: float, start: float, count: int) -> None:
    points = [(float(at), start + rise * at) for at in range(count)]
    assert slope(points) == pytest.approx(rise, abs=1e-6)


@given(st.lists(st.tuples(FINITE, FINITE), max_size=40), FINITE)
def test_the_slope_does_not_depend_on_the_level(points: list[Point], more: float) -> None:
    # By whole numbers, which are added exactly.
    whole = [(float(round(x)), float(round(y))) for x, y in points]
    raised = [(x, y + round(more)) for x, y in whole]
    assert slope(raised) == slope(whole)


@given(st.integers(0, 2**32), st.integers(30, 150))
def test_a_few_outliers_do_not_move_the_slope(seed: int, count: int) -> None:
    draw = random.Random(seed)
    points = [(float(at), 2.0 * at) for at in range(count)]
    for at in draw.sample(range(count), count // 10):
        points[at] = (float(at), draw.uniform(-1e9, 1e9))
    assert slope(points) == pytest.approx(2.0, abs=1e-9)


def test_there_is_no_slope_of_less_than_two_moments() -> None:
    assert slope([]) == 0
    assert slope([(1.0, 5.0), (1.0, 9.0)]) == 0


def test_the_first_third_is_left_out() -> None:
    assert steady_part([(float(at), 0.0) for at in range(0, 91, 30)]) == [
        (30.0, 0.0),
        (60.0, 0.0),
        (90.0, 0.0),
    ]
    assert steady_part([]) == []


@pytest.mark.parametrize("per_hour", [0.0, 99.0, -5_000.0])
def test_what_grows_by_less_than_its_share_is_flat(per_hour: float) -> None:
    found = judge("memory", "kafka", line(per_hour), flat=True)
    assert found.breach is None
    assert found.per_hour == pytest.approx(per_hour, abs=0.01)


def test_what_leaks_is_not_flat_though_it_is_within_its_limit() -> None:
    found = judge("memory", "kafka", line(240.0), flat=True, limit=5_000)
    assert found.breach == ("memory of kafka: grows by 240.0 MiB an hour, and may by 116.0 MiB")
    assert judge("memory", "kafka", line(240.0), flat=False, limit=5_000).breach is None


def test_what_grew_while_it_was_warming_up_is_flat() -> None:
    points = [(x, min(y, 1_100.0)) for x, y in line(3_600.0)]
    assert judge("memory", "kafka", points, flat=True).breach is None


def test_a_peak_counts_whenever_it_was() -> None:
    points = [(0.0, 700.0), *((x + 5, y) for x, y in line(0.0, 100.0))]
    found = judge("memory", "redis", points, flat=True, limit=352)
    assert found.peak == 700
    assert found.breach == ("memory of redis: 700.0 MiB at its peak, and its limit is 352.0 MiB")


def test_a_short_run_does_not_tell_what_an_hour_brings() -> None:
    found = judge("memory", "kafka", line(9_000.0, seconds=120), flat=True)
    assert (found.per_hour, found.breach) == (None, None)


def test_a_restart_is_one_too_many() -> None:
    points = [(0.0, 0.0), (5.0, 1.0)]
    found = judge("restarts", "score", points, flat=False, limit=0)
    assert breaches([found]) == ["restarts of score: 1.0 at its peak, and its limit is 0.0"]


def test_a_small_figure_may_grow_by_its_slack() -> None:
    assert allowed("threads", 3) == 10
    assert allowed("memory", 10_000) == 1_000
    assert judge("threads", "redis", line(9.0, 5.0), flat=True).breach is None


def test_nothing_can_be_said_of_no_points() -> None:
    with pytest.raises(ValueError, match="lag of score: no points"):
        judge("lag", "score", [], flat=True)


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e6)), min_size=1, max_size=60))
def test_a_peak_is_never_below_the_level(points: list[Point]) -> None:
    found = judge("lag", "score", sorted(points), flat=True)
    assert found.peak >= found.level
    assert found.points == len(points)
