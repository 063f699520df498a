"""Figures of histograms: a value for each of their rows, NaN where there is none.

AUC ROC, average precision and recall are as in `curves`, ties included.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from risk.engine.messages import MAX_MODEL_SCORE
from risk.verify.quality.curves import RATES
from risk.verify.quality.resamples import SCORES, Floats, Histograms

Figure = Callable[[Histograms], Floats]
BRIER: Final = "brier"
AT_THRESHOLD: Final = ("f1", "precision", "recall")


def auc_roc(found: Histograms) -> Floats:
    """How likely a fraud has a higher score than an honest payment; a tie counts half."""
    below = np.cumsum(found.honest, axis=1) - found.honest / 2
    pairs = found.fraud.sum(axis=1) * found.honest.sum(axis=1)
    return _over((found.fraud * below).sum(axis=1), pairs)


def average_precision(found: Histograms) -> Floats:
    """The mean precision over the frauds, each at its own score."""
    true, false = _at_or_above(found.fraud), _at_or_above(found.honest)
    precision = np.divide(true, true + false, out=np.zeros_like(true), where=true + false > 0)
    return _over((found.fraud * precision).sum(axis=1), true[:, 0])


def recall_at(rate: float) -> Figure:
    """The share of frauds found if that share of honest payments may be flagged."""

    def figure(found: Histograms) -> Floats:
        values = np.full(len(found.fraud), np.nan)
        for row, (fraud, honest) in enumerate(zip(found.fraud, found.honest, strict=True)):
            true, false = np.cumsum(fraud[::-1]), np.cumsum(honest[::-1])
            if true[-1] and false[-1]:
                fpr, tpr = np.append(0, false / false[-1]), np.append(0, true / true[-1])
                values[row] = np.interp(rate, fpr, tpr)
        return values

    return figure


def precision(threshold: int) -> Figure:
    """The share of frauds among payments of such a score or more."""

    def figure(found: Histograms) -> Floats:
        true, false = (one[:, threshold:].sum(axis=1) for one in (found.fraud, found.honest))
        return _over(true, true + false)

    return figure


def recall(threshold: int) -> Figure:
    """The share of frauds that have such a score or more."""
    return lambda found: _over(found.fraud[:, threshold:].sum(axis=1), found.fraud.sum(axis=1))


def f1(threshold: int) -> Figure:
    """The harmonic mean of precision and recall."""

    def figure(found: Histograms) -> Floats:
        true, false = (one[:, threshold:].sum(axis=1) for one in (found.fraud, found.honest))
        return _over(2 * true, true + false + found.fraud.sum(axis=1))

    return figure


def brier(found: Histograms) -> Floats:
    """The mean square of what is missing from the score, as a probability, to the outcome."""
    shares = np.arange(SCORES) / MAX_MODEL_SCORE
    missed = found.fraud @ (1 - shares) ** 2 + found.honest @ shares**2
    return _over(missed, found.fraud.sum(axis=1) + found.honest.sum(axis=1))


def cost(found: Histograms, threshold: int, review_cost: float) -> Floats:
    """Minor units: what missed frauds were worth, and a review of each honest payment flagged."""
    missed = found.lost[:, :threshold].sum(axis=1)
    flagged: Floats = found.honest[:, threshold:].sum(axis=1)
    total: Floats = missed + review_cost * flagged
    return total


def best_threshold(found: Histograms) -> int:
    """From which score on flagging has the highest F1; of equal ones the highest score."""
    true, false = _at_or_above(found.fraud[:1])[0], _at_or_above(found.honest[:1])[0]
    values = 2 * true / np.maximum(true + false + true[0], 1)
    return int(SCORES - 1 - np.argmax(values[::-1]))


def ranking() -> dict[str, Figure]:
    """Those that depend on the order of scores alone, by name."""
    rates: dict[str, Figure] = {f"recall_at_fpr_{rate:g}": recall_at(rate) for rate in RATES}
    return {"auc_roc": auc_roc, "average_precision": average_precision, **rates}


def all_figures(threshold: int, probability: bool) -> dict[str, Figure]:
    """All, by name; Brier's only of scores that are a `probability`."""
    found = ranking() | {
        "f1": f1(threshold),
        "precision": precision(threshold),
        "recall": recall(threshold),
    }
    return found | {BRIER: brier} if probability else found


def _at_or_above(counts: Floats) -> Floats:
    found: Floats = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]
    return found


def _over(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
