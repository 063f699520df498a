"""PSI, KS, total variation and Wilson's interval: their definitions, by force and by properties."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.verify.drift.bins import MOST_VALUES, Bins
from risk.verify.drift.measures import FLOOR, ks, psi, total_variation, wilson

values = st.lists(st.integers(-50, 50) | st.floats(-1e9, 1e9), min_size=1, max_size=60)
weights = st.lists(st.integers(0, 100), min_size=3, max_size=12).filter(
    lambda found: sum(found) > 0
)


def shares(counts: list[int]) -> Any:
    return np.array(counts) / sum(counts)


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@given(weights, st.data())
def test_psi_is_never_negative_and_knows_neither_sides_nor_the_order_of_bins(
    counts: list[int], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(counts))
    order = data.draw(st.permutations(range(len(counts))))
    a, b = shares(counts), shares(other)
    assert psi(a, a) == 0
    assert psi(a, b) >= 0
    assert psi(a, b) == near(psi(b, a))
    assert psi(a, b) == near(psi(a[list(order)], b[list(order)]))
    assert 0 <= total_variation(a, b) <= 1 + 1e-12
    assert total_variation(a, b) == near(total_variation(b, a))


def test_psi_by_hand() -> None:
    a, b = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.4, 0.4, 0.0, 0.2])
    expected = -0.1 * math.log(0.8) + 0.1 * math.log(4 / 3)
    expected += 2 * (0.2 - FLOOR) * math.log(0.2 / FLOOR)  # empty here, or there
    assert psi(a, b) == pytest.approx(expected)
    assert total_variation(a, b) == pytest.approx(0.3)


@given(values, values)
def test_ks_is_the_largest_difference_of_the_distributions(a: list[float], b: list[float]) -> None:
    def below(found: list[float], x: float) -> float:
        return sum(one <= x for one in found) / len(found)

    brute = max(abs(below(a, x) - below(b, x)) for x in (*a, *b))
    assert ks(np.array(a, float), np.array(b, float)) == pytest.approx(brute, abs=1e-12)
    assert ks(np.array(a, float), np.array(a, float)) == 0


@given(values, values, st.booleans())
def test_bins_cover_everything_once_and_the_order_of_values_does_not_matter(
    a: list[float], b: list[float], whole: bool
) -> None:
    if whole:
        a, b = [round(one) for one in a], [round(one) for one in b]
    bins = Bins.of(np.array(a, float), whole)
    for found in (a, b):
        part = bins.shares(np.array(found, float))
        assert len(part) == len(bins.edges) + 1
        assert part.sum() == pytest.approx(1)
        assert bins.shares(np.array(found[::-1], float)).tolist() == part.tolist()
    again = Bins.of(np.array(sorted(a, key=str), float), whole)
    assert (again.edges.tolist(), again.by_value) == (bins.edges.tolist(), bins.by_value)


def test_deciles_hold_a_tenth_each() -> None:
    reference = np.arange(1_000, dtype=float)
    bins = Bins.of(reference, whole=True)
    assert not bins.by_value
    assert bins.shares(reference).tolist() == pytest.approx([0.1] * 10)
    assert bins.shares(reference + 500).tolist() == pytest.approx([0] * 5 + [0.1] * 4 + [0.6])


def test_a_value_that_most_have_is_one_bin() -> None:
    bins = Bins.of(np.array([0.0] * 60 + [float(n) for n in range(1, 41)]), whole=False)
    assert bins.edges[0] == 0
    assert bins.shares(np.array([0.0, 0.0, 0.5, 99.0])).tolist()[:2] == [0.5, 0.25]


def test_few_whole_numbers_have_a_bin_each_and_a_new_one_is_among_the_others() -> None:
    reference = np.array([float(n % MOST_VALUES) for n in range(100)])
    bins = Bins.of(reference, whole=True)
    assert bins.by_value
    assert bins.shares(np.array([0.0, 1.0, 1.0, 700.0])).tolist() == [
        *(0.25, 0.5),
        *itertools.repeat(0.0, MOST_VALUES - 2),
        0.25,
    ]
    assert not Bins.of(np.append(reference, 99.0), whole=True).by_value
    assert Bins.of(np.array([0.0, 1.0]), whole=True).shares(np.array([1.0])).tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # The first two as R's prop.test(…, correct = FALSE) has them.
    [(10, 100, 0.05522914, 0.1743657), (81, 263, 0.2552734, 0.3662142), (0, 10, 0, 0.2775)],
)
def test_wilson(hits: int, of: int, low: float, high: float) -> None:
    found = wilson(hits, of)
    assert found.share == hits / of
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_holds_the_share_and_mirrors(hits: int, of: int) -> None:
    hits = min(hits, of)
    found, mirrored = wilson(hits, of), wilson(of - hits, of)
    assert 0 <= found.low <= found.share <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low))


def test_of_nothing_there_is_nothing_to_say() -> None:
    nothing = np.empty(0)
    for wrong in (
        lambda: ks(nothing, np.ones(1)),
        lambda: Bins.of(nothing, whole=True),
        lambda: wilson(0, 0),
    ):
        with pytest.raises(ValueError, match=r"no values|0 of 0"):
            wrong()
