"""Figures of ranked payments, against their definitions."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.verify.quality.curves import Scored, figures, mean
from risk.verify.quality.protocol import Protocol

PAYMENTS = st.lists(
    st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 4), st.integers(0, 3)),
    min_size=2,
    max_size=60,
).filter(lambda rows: 0 < sum(fraud for _, fraud, _, _ in rows) < len(rows))


def scored(rows: list[tuple[int, bool, int, int]]) -> Scored:
    return Scored(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))


@given(PAYMENTS)
def test_auc_is_the_share_of_pairs_in_the_right_order(
    rows: list[tuple[int, bool, int, int]],
) -> None:
    bad = [score for score, fraud, _, _ in rows if fraud]
    good = [score for score, fraud, _, _ in rows if not fraud]
    pairs = [1.0 if b > g else 0.5 if b == g else 0.0 for b, g in product(bad, good)]
    assert figures(scored(rows)).auc_roc == pytest.approx(sum(pairs) / len(pairs))


@given(PAYMENTS)
def test_average_precision_is_the_mean_precision_over_recalls(
    rows: list[tuple[int, bool, int, int]],
) -> None:
    frauds = sum(fraud for _, fraud, _, _ in rows)
    total, before = 0.0, 0
    for cut in sorted({score for score, *_ in rows}, reverse=True):
        flagged = [fraud for score, fraud, _, _ in rows if score >= cut]
        total += (sum(flagged) - before) / frauds * sum(flagged) / len(flagged)
        before = sum(flagged)
    assert figures(scored(rows)).average_precision == pytest.approx(total)


def test_of_each_day_the_users_with_the_highest_scores_and_none_twice() -> None:
    rows = [(9, True, user, 0) for user in range(30)]
    rows += [(9, True, user, 1) for user in range(40)]  # thirty of them are known by then
    rows += [(1, False, 1_000 + user, day) for user in range(200) for day in (0, 1)]
    found = figures(scored(rows))
    assert found.card_precision_100 == pytest.approx((0.30 + 0.10) / 2)
    assert (found.payments, found.frauds) == (470, 70)
    assert found.recall_at_fpr == {"0.001": 1.0, "0.005": 1.0, "0.01": 1.0}


def test_a_week_without_frauds_is_none_to_judge() -> None:
    with pytest.raises(ValueError, match="0 of 2 payments are fraud"):
        figures(scored([(1, False, 1, 1), (2, False, 1, 1)]))


def test_the_mean_of_weeks() -> None:
    one = figures(scored([(1, False, 1, 1), (2, True, 2, 1)]))
    other = figures(scored([(2, False, 1, 1), (1, True, 2, 1), (0, False, 1, 1)]))
    both = mean({1: one, 2: other})
    assert (both.payments, both.frauds) == (5, 2)
    assert both.auc_roc == pytest.approx((1 + 0.5) / 2)


def test_users_of_whom_a_fraud_is_known_are_not_judged() -> None:
    days = Protocol(train=7, delay=7, test=7, starts=(10,))
    rows = [
        (0, True, 1, 16),  # in training: known from day 24 on
        (0, False, 1, 23),  # it isn't known yet
        (0, False, 1, 24),  # now it is
        (0, False, 2, 23),  # before the test days
        (0, False, 2, 24),
        (0, True, 2, 30),
        (0, False, 2, 31),  # behind the test days
        (0, True, 3, 9),  # before training: nobody looks
        (0, False, 3, 24),
    ]
    mask = days.judged(scored(rows), 10)
    assert [at for at, judged in enumerate(mask.tolist()) if judged] == [4, 5, 8]
    assert days.last_day == 30
