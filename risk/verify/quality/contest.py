"""Two models on the same payments: by how much they differ, and whether that is more than chance.

Both are judged on the same draws of users, so what is common to them cancels out. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np

from risk.engine.features.catalogue import DAY
from risk.engine.models.format import Kind
from risk.ops.models.sets.training_set import TrainingSet
from risk.verify.quality import rates
from risk.verify.quality.curves import Scored, figures
from risk.verify.quality.evaluation import Asked, main_currency, part_of
from risk.verify.quality.intervals import Interval, interval
from risk.verify.quality.resamples import Floats, Histograms, Ints, histograms
from risk.verify.quality.unseen import Threshold

COST: Final = "cost"
LOWER_IS_BETTER: Final = (rates.BRIER, COST)
# They follow from where thresholds are, which is as easily moved as a model is trained.
UNDECIDED: Final = (*rates.AT_THRESHOLD, COST)
Winner = Literal["a", "b", ""]


class Contender(NamedTuple):
    """A model: what it is called, its kind, its scores of the payments, and its threshold.

    `rules` is the kind of a ruleset's own score: it ranks, but is no probability.
    """

    name: str
    kind: Kind | Literal["rules"]
    scores: Ints
    threshold: Threshold


class Side(msgspec.Struct, frozen=True):
    """What is said of a model alone."""

    model: str
    kind: str
    threshold: int
    threshold_by: str
    card_precision_100: float


class Difference(msgspec.Struct, frozen=True):
    """A figure of both. `difference` is b's less a's; `better` is empty if that may be chance."""

    figure: str
    a: float | None
    b: float | None
    difference: Interval
    better: Winner


class Contest(msgspec.Struct, frozen=True):
    """All of it. `winner` is better by a figure and worse by none, of those that decide.

    The cost is in minor units of `currency`, on the payments in it alone.
    """

    a: Side
    b: Side
    payments: int
    frauds: int
    users: int
    resamples: int
    seed: int
    currency: str
    review_cost: float
    differences: list[Difference]
    winner: Winner


def contest(found: TrainingSet, a: Contender, b: Contender, asked: Asked) -> Contest:
    """Compare two models. Raises `ValueError` if all payments are of one class."""
    currency = main_currency(found)
    mask = found.texts["currency"] == currency
    parts = [part_of(found, one.scores) for one in (a, b)]
    money = [part.where(mask) for part in parts]
    drawn = histograms([*parts, *money], asked.resamples, asked.seed)
    sides = [_side(found, one, rows) for one, rows in zip((a, b), drawn[:2], strict=True)]
    differences = [
        _difference(name, *values)
        for name, values in _values(drawn, sides, _comparable(a, b), asked.review_cost)
    ]
    return Contest(
        a=sides[0],
        b=sides[1],
        payments=len(found.fraud),
        frauds=int(found.fraud.sum()),
        users=len(np.unique(found.user)),
        resamples=asked.resamples,
        seed=asked.seed,
        currency=currency,
        review_cost=asked.review_cost,
        differences=differences,
        winner=_winner(differences),
    )


def _comparable(a: Contender, b: Contender) -> bool:
    """Whether both scores are probabilities."""
    return not {"isolation", "rules"} & {a.kind, b.kind}


def _side(found: TrainingSet, one: Contender, drawn: Histograms) -> Side:
    at = one.threshold.score
    whole = Scored(one.scores, found.fraud, found.user, found.event_time // DAY)
    return Side(
        one.name,
        one.kind,
        rates.best_threshold(drawn) if at is None else at,
        one.threshold.by,
        figures(whole).card_precision_100,
    )


def _values(
    drawn: list[Histograms], sides: list[Side], probability: bool, review_cost: float
) -> Iterator[tuple[str, tuple[Floats, Floats]]]:
    """Each figure of both, by its name."""
    a, b = (rates.all_figures(side.threshold, probability) for side in sides)
    for name in a:
        yield name, (a[name](drawn[0]), b[name](drawn[1]))
    one, other = (
        rates.cost(rows, side.threshold, review_cost)
        for rows, side in zip(drawn[2:], sides, strict=True)
    )
    yield COST, (one, other)


def _difference(name: str, a: Floats, b: Floats) -> Difference:
    found = interval(b - a)
    sign = -found.sign if name in LOWER_IS_BETTER else found.sign
    one, other = (float(each[0]) if np.isfinite(each[0]) else None for each in (a, b))
    return Difference(name, one, other, found, "b" if sign > 0 else "a" if sign < 0 else "")


def _winner(differences: list[Difference]) -> Winner:
    better = {one.better for one in differences if one.figure not in UNDECIDED} - {""}
    return better.pop() if len(better) == 1 else ""
