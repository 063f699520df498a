"""A candidate and what it has to beat, on the same later days: all of them, and group by group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from risk.engine.messages import MAX_MODEL_SCORE
from risk.engine.rules import Ruleset
from risk.engine.rules.modelfile import FUNCTION_OF
from risk.engine.scoring import MAX_SCORE
from risk.ops.models.sets.training_set import TrainingSet
from risk.verify.quality import rates
from risk.verify.quality.card import NAMES, Card
from risk.verify.quality.contest import UNDECIDED, Contender, Contest, contest
from risk.verify.quality.evaluation import Asked, part_of
from risk.verify.quality.intervals import interval
from risk.verify.quality.model_scores import Loaded, scores
from risk.verify.quality.resamples import histograms
from risk.verify.quality.unseen import Threshold, threshold
from risk.verify.retrain.gate import GroupDifference, Limits, Measured

GROUPED: Final = ("source", "country", "channel")
RULES: Final = "the rules alone"
PER_POINT: Final = MAX_MODEL_SCORE // MAX_SCORE  # the rules' points, as high as a model's score


def rules_alone(found: TrainingSet, ruleset: Ruleset) -> Contender:
    """What the rules that were live made of these payments: the rival if there is no champion."""
    at = Threshold(ruleset.review * PER_POINT, "card")
    return Contender(RULES, "rules", found.score * PER_POINT, at)


def of_model(found: TrainingSet, loaded: Loaded, card: Card | None) -> Contender:
    """A model as a contender: flagged is from its card's threshold on."""
    return Contender(
        loaded.file.name, loaded.file.kind, scores(loaded, found), threshold(Asked(), card)
    )


def measure(
    found: TrainingSet,
    candidate: Contender,
    rival: Contender,
    limits: Limits,
    seed: int,
    obstacles: tuple[str, ...] = (),
) -> tuple[Measured, Contest]:
    """What the gate goes by, and the whole comparison: the candidate is b in it."""
    asked = Asked(resamples=limits.resamples, seed=seed)
    whole = contest(found, rival, candidate, asked)
    deciding = [one for one in whole.differences if one.figure not in UNDECIDED]
    f1 = next(one.b for one in whole.differences if one.figure == "f1")
    measured = Measured(
        champion=rival.name,
        f1=f1,
        frauds=whole.frauds,
        better=tuple(NAMES[one.figure] for one in deciding if one.better == "b"),
        worse=tuple(NAMES[one.figure] for one in deciding if one.better == "a"),
        groups=tuple(by_group(found, rival, candidate, asked)),
        obstacles=obstacles,
    )
    return measured, whole


def by_group(
    found: TrainingSet, rival: Contender, candidate: Contender, asked: Asked
) -> Iterator[GroupDifference]:
    """Each group that has both fraud and honest payments, under the same draws of its users."""
    parts = [part_of(found, one.scores) for one in (rival, candidate)]
    for by in GROUPED:
        column = found.texts[by]
        for name in np.unique(column).tolist():
            mask = column == name
            frauds = int(found.fraud[mask].sum())
            if not 0 < frauds < int(mask.sum()):
                continue
            one, other = histograms(
                [part.where(mask) for part in parts], asked.resamples, asked.seed
            )
            lost = rates.average_precision(other) - rates.average_precision(one)
            yield GroupDifference(by, name, frauds, interval(lost))


def obstacles(
    candidate: Loaded, model: Loaded | None, card: Card | None, cut: int, busy: str
) -> tuple[str, ...]:
    """What stands in a candidate's way, whatever its figures are."""
    found: list[str] = []
    if model is not None and card is not None and card.cut > cut:
        found.append(
            f"{model.file.name} may have learnt from the days that both are judged on: its card "
            "says that its own held-out days begin later"
        )
    if model is not None and FUNCTION_OF[model.file.kind] != FUNCTION_OF[candidate.file.kind]:
        found.append(f"{model.file.name} is asked otherwise: both have to answer one question")
    if busy:
        found.append(busy)
    return tuple(found)
