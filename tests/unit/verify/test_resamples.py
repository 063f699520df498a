"""Figures of histograms and their intervals, against brute force and the curves' own."""

from __future__ import annotations

import time
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.verify.quality import rates
from risk.verify.quality.curve_tables import cheapest, cost_of, costs, curve, steps, tenths
from risk.verify.quality.curves import Scored, figures
from risk.verify.quality.intervals import Interval, interval
from risk.verify.quality.resamples import SCORES, Histograms, Part, histograms

Row = tuple[int, int, int, int]  # score, fraud, user, worth
SCORE = st.one_of(st.integers(0, 6), st.integers(0, 1_000))
PAYMENTS = st.lists(
    st.tuples(SCORE, st.integers(0, 1), st.integers(0, 9), st.integers(0, 10**7)),
    min_size=2,
    max_size=60,
).filter(lambda rows: 0 < sum(row[1] for row in rows) < len(rows))


def part(rows: list[Row]) -> Part:
    columns = zip(*rows, strict=True) if rows else [()] * 4
    score, fraud, user, worth = (np.array(one, np.int64) for one in columns)
    return Part(score, fraud, user, worth)


def of(rows: list[Row], resamples: int = 0, seed: int = 1) -> Histograms:
    (found,) = histograms([part(rows)], resamples, seed)
    return found


@given(PAYMENTS)
def test_ranking_is_as_the_curves_have_it(rows: list[Row]) -> None:
    one = part(rows)
    wanted = figures(Scored(one.score, one.fraud, one.user, np.zeros_like(one.user)))
    found = {name: figure(of(rows))[0] for name, figure in rates.ranking().items()}
    assert found["auc_roc"] == pytest.approx(wanted.auc_roc)
    assert found["average_precision"] == pytest.approx(wanted.average_precision)
    for rate, value in wanted.recall_at_fpr.items():
        assert found[f"recall_at_fpr_{rate}"] == pytest.approx(value)


@given(PAYMENTS, st.lists(st.integers(0, 4), min_size=60, max_size=60), st.integers(0, 9))
def test_a_payment_of_weight_three_is_as_three_of_them(
    rows: list[Row], times: list[int], seed: int
) -> None:
    plain, often = part(rows), times[: len(rows)]
    weighed = plain._replace(weight=np.array(often, np.float64))
    repeated = part([row for row, count in zip(rows, often, strict=True) for _ in range(count)])
    # Beside the payments as they are, so that the same users are drawn.
    one, _ = histograms([weighed, plain], 9, seed)
    other, _ = histograms([repeated, plain], 9, seed)
    for name in Histograms._fields:
        assert np.array_equal(getattr(one, name), getattr(other, name))


@given(PAYMENTS, st.integers(0, 1_001), st.integers(0, 10_000))
def test_what_a_threshold_does(rows: list[Row], threshold: int, review: int) -> None:
    flagged = [row for row in rows if row[0] >= threshold]
    true = sum(row[1] for row in flagged)
    frauds = sum(row[1] for row in rows)
    found = of(rows)
    assert rates.recall(threshold)(found)[0] == pytest.approx(true / frauds)
    if flagged:
        assert rates.precision(threshold)(found)[0] == pytest.approx(true / len(flagged))
    else:
        assert np.isnan(rates.precision(threshold)(found)[0])
    assert rates.f1(threshold)(found)[0] == pytest.approx(2 * true / (len(flagged) + frauds))
    lost = sum(row[3] for row in rows if row[1] and row[0] < threshold)
    cost = cost_of(found, threshold, review)
    assert (cost.lost, cost.flagged) == (lost, len(flagged) - true)
    assert cost.missed == frauds - true
    assert cost.cost == lost + review * (len(flagged) - true)


@given(PAYMENTS, st.integers(0, 10_000))
def test_the_best_thresholds_are_the_best_of_all(rows: list[Row], review: int) -> None:
    found = of(rows)
    by_f1 = {t: rates.f1(t)(found)[0] for t in range(SCORES)}
    best = rates.best_threshold(found)
    assert by_f1[best] == max(by_f1.values())
    assert best == max(t for t, value in by_f1.items() if value == by_f1[best])
    least = min(cost_of(found, t, review).cost for t in range(SCORES + 1))
    assert cheapest(found, review).cost == least
    every = costs(found, review)
    assert (every[0].missed, every[-1].flagged) == (0, 0)
    assert [one.threshold for one in every[-2:]] == [1_000, 1_001]


@given(PAYMENTS)
def test_brier_is_the_mean_square(rows: list[Row]) -> None:
    wanted = np.mean([(row[0] / 1_000 - row[1]) ** 2 for row in rows])
    assert rates.brier(of(rows))[0] == pytest.approx(wanted)


@given(PAYMENTS)
def test_tenths_hold_every_payment_once_and_divide_no_score(rows: list[Row]) -> None:
    found = tenths(of(rows))
    assert sum(one.payments for one in found) == len(rows)
    assert len(found) <= 10
    for one in found:
        inside = [row for row in rows if one.low <= row[0] <= one.high]
        assert one.payments == len(inside)
        assert one.observed == pytest.approx(sum(row[1] for row in inside) / len(inside))
        assert one.predicted == pytest.approx(np.mean([row[0] for row in inside]) / 1_000)


@given(PAYMENTS)
def test_the_curve_is_what_each_threshold_does(rows: list[Row]) -> None:
    found = of(rows)
    points = curve(found)
    assert [one.threshold for one in points] == sorted({row[0] for row in rows}, reverse=True)
    for one in points:
        assert one.recall == pytest.approx(rates.recall(one.threshold)(found)[0])
        assert one.precision == pytest.approx(rates.precision(one.threshold)(found)[0])
    assert (points[-1].recall, points[-1].false_positives) == (1, 1)
    told = steps(found)
    assert [one.low for one in told] == list(range(0, 1_000, 100))
    assert sum(one.fraud + one.honest for one in told) == len(rows)
    assert told[-1].fraud == sum(row[1] for row in rows if row[0] >= 900)


@given(PAYMENTS, st.randoms(use_true_random=False))
def test_resamples_do_not_depend_on_the_order_of_payments(rows: list[Row], random: Random) -> None:
    wanted = of(rows, 20)
    shuffled = list(rows)
    random.shuffle(shuffled)
    for one, other in zip(of(shuffled, 20), wanted, strict=True):
        assert (one == other).all()


@given(PAYMENTS)
def test_a_resample_is_users_with_all_of_their_payments(rows: list[Row]) -> None:
    found = of(rows, 10)
    own = {
        user: of([row for row in rows if row[2] == user])[:2] for user in {row[2] for row in rows}
    }
    rng = np.random.default_rng(1)
    users = sorted(own)
    for row in range(1, 11):
        drawn = [users[at] for at in rng.integers(0, len(users), len(users))]
        for at in (0, 1):
            assert (found[at][row] == sum(own[user][at][0] for user in drawn)).all()


def test_parts_are_drawn_together() -> None:
    rows = [(n % 7, int(n % 3 == 0), n % 11, 1) for n in range(100)]
    one, other = histograms([part(rows), part(rows)], 50, 3)
    assert (one.fraud == other.fraud).all()
    assert not (one.fraud == of(rows, 50, 4).fraud).all()


def test_an_interval_is_of_the_resamples_that_say_something() -> None:
    values = np.array([0.5, *np.linspace(0, 1, 101), np.nan])
    found = interval(values)
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.025, 0.975))
    assert interval(np.array([np.nan, 1.0])) == Interval(None, None, None)
    assert interval(np.array([0.5, np.nan])) == Interval(0.5, None, None)
    signs = [Interval(1, 0.1, 2).sign, Interval(-1, -2, -0.1).sign, Interval(1, -1, 2).sign]
    assert signs == [1, -1, 0]
    assert Interval(1, None, None).sign == 0


def test_an_interval_covers_what_is_true_of_all_users() -> None:
    """Of many samples, about as many intervals hold the truth as they say: users are correlated."""
    rng = np.random.default_rng(5)
    inside = 0
    for seed in range(60):
        bad = rng.random(300) < 0.3  # users, each with five payments of the same score
        score = np.clip(rng.normal(np.where(bad, 600, 500), 100), 0, 1_000).astype(int)
        five = Part(*(np.repeat(one, 5) for one in (score, bad.astype(int), np.arange(300), score)))
        found = interval(rates.auc_roc(histograms([five], 200, seed)[0]))
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= 0.7602 <= found.high  # Φ(100 / (100 √2))
    assert inside >= 52


def test_many_payments_take_seconds() -> None:
    rng = np.random.default_rng(2)
    n = 100_000
    score, user = rng.integers(0, 1_001, n), rng.integers(0, 20_000, n)
    found = Part(score, (rng.random(n) < 0.01).astype(np.int64), user, rng.integers(0, 10_000, n))
    begun = time.process_time()
    (drawn,) = histograms([found], 200, 1)
    for figure in rates.all_figures(500, probability=True).values():
        assert np.isfinite(figure(drawn)).all()
    assert time.process_time() - begun < 10
