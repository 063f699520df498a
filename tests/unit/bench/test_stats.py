"""The statistics of the benchmarks."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.bench.stats import latency, per_second, percentile, slope, warm_at, window

FINITE = st.floats(0, 1e6, allow_nan=False)


def test_percentiles_are_values_that_occurred() -> None:
    ordered = [float(n) for n in range(1, 101)]
    assert [percentile(ordered, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.5) == percentile([7.0], 0.99) == 7.0
    assert math.isnan(percentile([], 0.5))


@given(st.lists(FINITE, min_size=1), st.floats(0.001, 1.0))
def test_a_percentile_splits_as_it_says(values: list[float], share: float) -> None:
    found = percentile(sorted(values), share)
    below = sum(value <= found for value in values)
    assert below >= share * len(values) - 1e-6
    assert sum(value < found for value in values) < share * len(values) + 1e-6


@given(st.lists(FINITE, min_size=1))
def test_latencies_are_in_order(seconds: list[float]) -> None:
    found = latency(seconds, missing=2)
    assert found.p50_ms <= found.p95_ms <= found.p99_ms <= found.max_ms
    assert (found.count, found.missing) == (len(seconds), 2)
    assert found.max_ms == pytest.approx(1_000 * max(seconds), abs=0.01)


def test_each_second_has_its_count_and_none_is_left_out() -> None:
    assert per_second([5_999, 1_000, 1_999, 4_000]) == [2, 0, 0, 1, 1]
    assert per_second([]) == []


def test_the_window_begins_once_warm_in_time_and_in_events() -> None:
    counts = [10] * 100
    assert warm_at(counts, 30, 0) == 30
    assert warm_at(counts, 5, 200) == 20
    assert warm_at(counts, 5, 205) == 21
    assert warm_at(counts, 5, 10_000) == 100


def test_the_window_leaves_out_warm_up_and_the_broken_last_second() -> None:
    found = window([1] * 10 + [100] * 20 + [5], 10, 0, 20)
    assert found
    assert (found.begin_s, found.rate, found.steady) == (10, 100.0, True)
    assert window([1] * 10 + [100] * 20, 10, 0, 20) is None
    assert window([], 0, 0, 1) is None


def test_a_window_that_slows_down_is_not_steady() -> None:
    found = window([*[100] * 10, *[50] * 10, 1], 0, 0, 20)
    assert found
    assert not found.steady
    assert (found.first_half, found.second_half) == (100.0, 50.0)


def test_slope() -> None:
    assert slope([(0, 1), (1, 3), (2, 5)]) == pytest.approx(2)
    assert slope([(1, 5)]) == slope([]) == slope([(1, 2), (1, 3)]) == 0
