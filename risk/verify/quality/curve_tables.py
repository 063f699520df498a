"""What is told of scores by their height: how reliable they are, and what thresholds cost."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from risk.engine.messages import MAX_MODEL_SCORE
from risk.verify.quality.rates import cost
from risk.verify.quality.resamples import SCORES, Histograms

TENTHS: Final = 10
STEP: Final = 10  # of thresholds in a cost curve


class Tenth(msgspec.Struct, frozen=True):
    """Payments with a score from `low` to `high`: the mean they were given, and what was fraud."""

    low: int
    high: int
    payments: int
    predicted: float
    observed: float


class Cost(msgspec.Struct, frozen=True):
    """What a threshold costs, in minor units; `missed` frauds, and honest payments `flagged`.

    A threshold of 1001 flags nothing.
    """

    threshold: int
    lost: int
    missed: int
    flagged: int
    cost: float


class Point(msgspec.Struct, frozen=True):
    """What flagging from a score on does: shares of frauds, of the flagged, and of the honest."""

    threshold: int
    recall: float
    precision: float
    false_positives: float


class Step(msgspec.Struct, frozen=True):
    """Payments with a score from `low` up to the next step's."""

    low: int
    fraud: int
    honest: int


def curve(found: Histograms) -> list[Point]:
    """The way from flagging the highest score alone to flagging all, by each score there is."""
    fraud, honest = found.fraud[0][::-1], found.honest[0][::-1]
    true, false = np.cumsum(fraud), np.cumsum(honest)
    return [
        Point(
            SCORES - 1 - int(at),
            float(true[at] / true[-1]),
            float(true[at] / (true[at] + false[at])),
            float(false[at] / false[-1]),
        )
        for at in np.flatnonzero(fraud + honest)
    ]


def steps(found: Histograms, width: int = 100) -> list[Step]:
    """How many payments have which score; the highest score is in the last step."""
    edges = range(0, SCORES - 1, width)
    return [
        Step(
            low,
            *(
                int(counts[0, low : SCORES if low == edges[-1] else low + width].sum())
                for counts in (found.fraud, found.honest)
            ),
        )
        for low in edges
    ]


def tenths(found: Histograms) -> list[Tenth]:
    """Payments by score in ten parts, each as large as can be without dividing equal scores.

    Where very many have one score, there are fewer parts.
    """
    fraud, honest = found.fraud[0], found.honest[0]
    counts = fraud + honest
    middle = np.cumsum(counts) - counts / 2
    part = np.minimum((TENTHS * middle / max(counts.sum(), 1)).astype(int), TENTHS - 1)
    rows = []
    for number in range(TENTHS):
        scores = np.flatnonzero((part == number) & (counts > 0))
        if len(scores):
            payments = counts[scores].sum()
            rows.append(
                Tenth(
                    int(scores[0]),
                    int(scores[-1]),
                    int(payments),
                    float((counts[scores] * scores).sum() / payments / MAX_MODEL_SCORE),
                    float(fraud[scores].sum() / payments),
                )
            )
    return rows


def costs(found: Histograms, review_cost: float) -> list[Cost]:
    """The cost curve: of thresholds in steps, from flagging all to flagging nothing."""
    thresholds = [*range(0, SCORES, STEP), SCORES]
    return [cost_of(found, threshold, review_cost) for threshold in thresholds]


def cheapest(found: Histograms, review_cost: float) -> Cost:
    """The threshold that costs least, out of all; of equal ones the highest."""
    missed = np.append(0, np.cumsum(found.lost[0]))
    honest = found.honest[0]
    flagged = np.append(np.cumsum(honest[::-1])[::-1], 0)
    total = missed + review_cost * flagged
    return cost_of(found, int(SCORES - np.argmin(total[::-1])), review_cost)


def cost_of(found: Histograms, threshold: int, review_cost: float) -> Cost:
    """What one threshold costs."""
    return Cost(
        threshold,
        int(found.lost[0, :threshold].sum()),
        int(found.fraud[0, :threshold].sum()),
        int(found.honest[0, threshold:].sum()),
        float(cost(found, threshold, review_cost)[0]),
    )
