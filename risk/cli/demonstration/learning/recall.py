"""What rules alone and rules with a model find, of the same payments. Pure.

Points add up, so what the rules would have decided without one of them follows from the score that
was published: it names each rule that hit, with its points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from generator.attacks import HARD
from risk.engine.messages import Decision, Label, Score
from risk.engine.rules import Ruleset
from risk.engine.scoring import MAX_SCORE, decide
from risk.verify.quality.budgets import OTHER, Quality, Ranking


class Judged(msgspec.Struct, frozen=True):
    """The same payments by rules alone, and as they were decided."""

    without: Quality
    decided: Quality


class Told(msgspec.Struct, frozen=True):
    """What a model in the shadow says: payments from its threshold on, that would be flagged."""

    new: int
    new_flagged: int
    honest: int
    honest_flagged: int


class Alone(NamedTuple):
    """A score without one rule's points."""

    score: int
    decision: Decision


def without(score: Score, rule: str, ruleset: Ruleset) -> Alone:
    """What the other rules come to."""
    points = min(MAX_SCORE, sum(one.points for one in score.reasons if one.rule != rule))
    return Alone(points, decide(ruleset, points))


def judge(
    scores: Iterable[Score],
    labels: Mapping[tuple[str, str], Label],
    rule: str,
    ruleset: Ruleset,
) -> Judged:
    """Settled scores of one ruleset; those of which no truth is known are left out."""
    before, after = Ranking(), Ranking()
    for one in scores:
        label = labels.get((one.event_id, one.user_id))
        if label is None:
            continue
        attack = (label.attack or OTHER) if label.fraud else None
        alone = without(one, rule, ruleset)
        before.add(attack, alone.score, alone.decision != "ALLOW")
        after.add(attack, one.score, one.decision != "ALLOW")
    return Judged(before.quality(HARD), after.quality(HARD))


def told(
    scores: Iterable[Score],
    labels: Mapping[tuple[str, str], Label],
    model: str,
    threshold: int,
    new: str,
) -> Told:
    """What the model says of honest payments, and of fraud of the `new` kind."""
    counts = {True: [0, 0], False: [0, 0]}  # of fraud, of honest ones: all, flagged
    for one in scores:
        label = labels.get((one.event_id, one.user_id))
        if label is None or (label.fraud and label.attack != new):
            continue
        counts[label.fraud][0] += 1
        counts[label.fraud][1] += of_model(one, model) >= threshold
    return Told(*counts[True], *counts[False])


def of_model(score: Score, model: str) -> int:
    """What a model says of a payment; -1 if the score doesn't tell."""
    found = score.models.get(model) if score.models is not msgspec.UNSET else None
    return -1 if found is None else found.score
