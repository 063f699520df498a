"""How well scores rank fraud before honest payments, whatever the threshold.

AUC ROC and average precision are as scikit-learn defines them, ties included. Card precision is the
Fraud Detection Handbook's (chapter 4.3): of each day the users with the highest scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

RATES: Final = (0.001, 0.005, 0.01)
USERS: Final = 100  # that somebody can call in a day
ORDERS: Final = 20  # of equal scores: the figure is the mean over so many

Numbers = npt.NDArray[Any]


class Scored(NamedTuple):
    """Payments by column: score, whether it was fraud (1 or 0), number of the user, and day."""

    score: Numbers
    fraud: Numbers
    user: Numbers
    day: Numbers

    def where(self, mask: Numbers) -> Scored:
        """Some of them."""
        return Scored(*(column[mask] for column in self))


class Figures(msgspec.Struct, frozen=True):
    """Of some payments. `recall_at_fpr` is by the share of honest payments that may be flagged."""

    payments: int
    frauds: int
    auc_roc: float
    average_precision: float
    card_precision_100: float
    recall_at_fpr: dict[str, float]


def figures(found: Scored) -> Figures:
    """All of them. Raises `ValueError` without a fraud or without an honest payment."""
    frauds = int(found.fraud.sum())
    if not 0 < frauds < len(found.fraud):
        raise ValueError(f"{frauds} of {len(found.fraud)} payments are fraud")
    false, true = _roc(found)
    fpr, tpr = false / false[-1], true / true[-1]
    precision = true[1:] / (true[1:] + false[1:])
    return Figures(
        len(found.fraud),
        frauds,
        float(np.trapezoid(tpr, fpr)),
        float(np.sum(np.diff(tpr) * precision)),
        float(np.mean([_card_precision(found, seed) for seed in range(ORDERS)])),
        {f"{rate:g}": float(np.interp(rate, fpr, tpr)) for rate in RATES},
    )


def mean(weeks: Mapping[int, Figures]) -> Figures:
    """The mean of each figure; of payments and frauds the sum."""
    all_ = list(weeks.values())

    def over(name: str) -> float:
        return float(np.mean([getattr(one, name) for one in all_]))

    return Figures(
        sum(one.payments for one in all_),
        sum(one.frauds for one in all_),
        over("auc_roc"),
        over("average_precision"),
        over("card_precision_100"),
        {
            rate: float(np.mean([one.recall_at_fpr[rate] for one in all_]))
            for rate in all_[0].recall_at_fpr
        },
    )


def _roc(found: Scored) -> tuple[Numbers, Numbers]:
    """False and true positives at each threshold, from the highest down, with (0, 0) first."""
    order = np.argsort(-found.score, kind="stable")
    score, fraud = found.score[order], found.fraud[order]
    last = np.flatnonzero(np.append(np.diff(score) != 0, True))
    true = np.cumsum(fraud)[last]
    return np.append(0, last + 1 - true), np.append(0, true)


def _card_precision(found: Scored, seed: int) -> float:
    """The mean over days. A user who was found once is left out of the days after it."""
    rng = np.random.default_rng(seed)
    known: set[int] = set()
    days = []
    for day in np.unique(found.day):
        today = found.where(found.day == day)
        who, at = np.unique(today.user, return_inverse=True)
        top = np.full(len(who), -np.inf)
        np.maximum.at(top, at, today.score)
        bad = np.zeros(len(who), bool)
        np.logical_or.at(bad, at, today.fraud == 1)
        left = np.array([user not in known for user in who.tolist()])
        who, top, bad = who[left], top[left], bad[left]
        best = np.lexsort((rng.random(len(who)), -top))[:USERS]
        hits = who[best][bad[best]]
        known.update(hits.tolist())
        days.append(len(hits) / USERS)
    return float(np.mean(days))
