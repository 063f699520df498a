"""What a model is worth on the payments of a training set: figures with intervals. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from risk.engine.features.catalogue import DAY
from risk.ops.models.sets.training_set import TrainingSet
from risk.verify.quality import rates
from risk.verify.quality.curve_tables import (
    Cost,
    Point,
    Step,
    Tenth,
    cheapest,
    cost_of,
    costs,
    curve,
    steps,
    tenths,
)
from risk.verify.quality.curves import Scored, figures
from risk.verify.quality.intervals import Interval, interval
from risk.verify.quality.resamples import Histograms, Ints, Part, histograms

LEAST_FRAUDS: Final = 20  # of a group: fewer say nothing
GROUPED: Final = ("country", "channel")
OF_GROUPS: Final = ("auc_roc", "average_precision", "recall_at_fpr_0.01")


class Asked(NamedTuple):
    """How to judge. `threshold` is the score from which payments are flagged; None for the best.

    `review_cost` is in minor units, for each honest payment that is flagged.
    """

    threshold: int | None = None
    resamples: int = 200
    seed: int = 7
    review_cost: float = 500.0


class Group(msgspec.Struct, frozen=True):
    """Payments of one country or channel; an empty name is of those that don't say."""

    by: str
    name: str
    payments: int
    frauds: int
    figures: dict[str, Interval]


class Small(msgspec.Struct, frozen=True):
    """A group with too few frauds, or nothing else, to be judged."""

    by: str
    name: str
    payments: int
    frauds: int


class Money(msgspec.Struct, frozen=True):
    """Costs in minor units of one currency; `others` are payments in other ones, left out."""

    currency: str
    payments: int
    others: int
    review_cost: float
    at_threshold: Interval
    chosen: Cost
    cheapest: Cost
    curve: list[Cost]


class Evaluation(msgspec.Struct, frozen=True):
    """All of it. `threshold_by` is option, card or best: where the threshold comes from.

    `card_precision_100` has no interval: it would be drawn by days as well as by users, and takes
    seconds for each resample. `reliability` and Brier's figure are of probabilities alone.
    """

    model: str
    kind: str
    payments: int
    frauds: int
    users: int
    first: int
    last: int
    resamples: int
    seed: int
    threshold: int
    threshold_by: str
    figures: dict[str, Interval]
    card_precision_100: float
    reliability: list[Tenth]
    curve: list[Point]
    scores: list[Step]
    money: Money
    groups: list[Group]
    small: list[Small]


def evaluate(
    name: str, kind: str, found: TrainingSet, scores: Ints, asked: Asked, threshold_by: str
) -> Evaluation:
    """Judge these scores of the set's payments. Raises `ValueError` if all are of one class."""
    whole = _scored(found, scores)
    card_precision = figures(whole).card_precision_100
    currency = main_currency(found)
    in_currency = found.texts["currency"] == currency
    large, small = _groups(found)
    masks = [np.ones(len(scores), bool), in_currency, *(mask for _, mask in large)]
    every = part_of(found, scores)
    drawn = histograms([every.where(mask) for mask in masks], asked.resamples, asked.seed)
    first, money = drawn[0], drawn[1]
    threshold = rates.best_threshold(first) if asked.threshold is None else asked.threshold
    probability = kind != "isolation"
    ranking = rates.ranking()
    return Evaluation(
        model=name,
        kind=kind,
        payments=len(scores),
        frauds=int(found.fraud.sum()),
        users=len(np.unique(found.user)),
        first=int(found.event_time[0]),
        last=int(found.event_time[-1]),
        resamples=asked.resamples,
        seed=asked.seed,
        threshold=threshold,
        threshold_by=threshold_by,
        figures={
            label: interval(figure(first))
            for label, figure in rates.all_figures(threshold, probability).items()
        },
        card_precision_100=card_precision,
        reliability=tenths(first) if probability else [],
        curve=curve(first),
        scores=steps(first),
        money=_money(money, currency, int((~in_currency).sum()), threshold, asked),
        groups=[
            Group(
                *(one.by, one.name, one.payments, one.frauds),
                {label: interval(ranking[label](rows)) for label in OF_GROUPS},
            )
            for (one, _), rows in zip(large, drawn[2:], strict=True)
        ],
        small=small,
    )


def main_currency(found: TrainingSet) -> str:
    """That of the most payments: amounts of several can't be added."""
    counts: Counter[str] = Counter(found.texts["currency"].tolist())
    return min(counts, key=lambda one: (-counts[one], one))


def part_of(found: TrainingSet, scores: Ints) -> Part:
    """The set's payments with these scores."""
    return Part(scores, found.fraud, found.user, found.amount, found.weights)


def _scored(found: TrainingSet, scores: Ints) -> Scored:
    return Scored(scores, found.fraud, found.user, found.event_time // DAY)


def _money(drawn: Histograms, currency: str, others: int, threshold: int, asked: Asked) -> Money:
    review = asked.review_cost
    return Money(
        currency=currency,
        payments=int(drawn.fraud[0].sum() + drawn.honest[0].sum()),
        others=others,
        review_cost=review,
        at_threshold=interval(rates.cost(drawn, threshold, review)),
        chosen=cost_of(drawn, threshold, review),
        cheapest=cheapest(drawn, review),
        curve=costs(drawn, review),
    )


def _groups(found: TrainingSet) -> tuple[list[tuple[Small, Any]], list[Small]]:
    """Those that can be judged, with their masks; and the others. The largest come first."""
    large, small = [], []
    for by in GROUPED:
        for one, mask in sorted(
            _each(found, by), key=lambda each: (-each[0].payments, each[0].name)
        ):
            if LEAST_FRAUDS <= one.frauds < one.payments:
                large.append((one, mask))
            else:
                small.append(one)
    return large, small


def _each(found: TrainingSet, by: str) -> Iterator[tuple[Small, Any]]:
    column = found.texts[by]
    for name in np.unique(column).tolist():
        mask = column == name
        yield Small(by, name, int(mask.sum()), int(found.fraud[mask].sum())), mask
