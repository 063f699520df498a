"""Why two rulesets decide differently about one event.

Features of one definition are the same everywhere, so two decisions on the same features differ
only by what the rulesets say: rules that one has and the other hasn't, rules whose condition or
points changed, and thresholds that moved. Whatever can't be explained so is a fault, and counted as
one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from risk.engine.control_group import RULE
from risk.engine.messages import Decision
from risk.engine.rules import Ruleset
from risk.engine.rules.ruleset import digest
from risk.engine.rules.tree import Node, calls, lists_in, names, render
from risk.engine.scoring import MAX_SCORE

LEVELS: Final[dict[str, int]] = {"ALLOW": 0, "REVIEW": 1, "BLOCK": 2}

Why = Literal["added", "removed", "condition", "points", "features", "threshold", "release"]


class Hit(NamedTuple):
    """A rule that hit, and what it added to the score."""

    rule: str
    points: int


class Side(NamedTuple):
    """One ruleset's word on an event."""

    score: int
    decision: Decision
    hits: tuple[Hit, ...]


class Terms(NamedTuple):
    """What a ruleset goes by: its thresholds, and of each rule by id a hash of its condition.

    The hash is over the expression, and over what the lists, declared features, attributes and
    models are that it names.
    """

    review: int
    block: int
    conditions: Mapping[str, str]

    def level(self, score: int) -> int:
        """The decision for a score, as a number that grows with severity."""
        return 2 if score >= self.block else 1 if score >= self.review else 0


class Cause(NamedTuple):
    """One reason for a flip.

    `rule` is empty for a threshold. `points` is what it moved the score by; 0 for a threshold, and
    where only one of the two released the payment.
    """

    why: Why
    rule: str
    points: int


class Flip(NamedTuple):
    """A decision that changed: `by` levels up (> 0: stricter) or down, and all that pushed it so.

    `explained` is False if a side's score doesn't follow from its hits, or if a rule judged the
    same features by the same condition in two ways.
    """

    by: int
    causes: tuple[Cause, ...]
    explained: bool


def terms(ruleset: Ruleset) -> Terms:
    """What a ruleset goes by."""
    return Terms(
        ruleset.review,
        ruleset.block,
        {rule.id: digest(_condition(rule.when, ruleset)) for rule in ruleset.rules},
    )


def flip(a: Side, b: Side, was: Terms, now: Terms, same_features: bool) -> Flip | None:
    """Why decision `a` under `was` became `b` under `now`; None if it is the same."""
    by = LEVELS[b.decision] - LEVELS[a.decision]
    if not by:
        return None
    sign = 1 if by > 0 else -1
    explained = _follows(a, was) and _follows(b, now)
    before, after = (
        {rule: points for rule, points in side.hits if rule != RULE} for side in (a, b)
    )
    causes: list[Cause] = []
    for rule in sorted(before.keys() | after.keys()):
        moved = after.get(rule, 0) - before.get(rule, 0)
        why = _why(rule, before, after, was, now)
        if why == "features" and same_features:
            explained = False
        elif moved * sign > 0:
            causes.append(Cause(why, rule, moved))
    if (now.level(b.score) - was.level(b.score)) * sign > 0:
        causes.append(Cause("threshold", "", 0))
    if _released(a if sign > 0 else b) and not _released(b if sign > 0 else a):
        causes.append(Cause("release", RULE, 0))
    causes.sort(key=lambda cause: -abs(cause.points))
    return Flip(by, tuple(causes), explained and bool(causes))


def _why(
    rule: str, before: Mapping[str, int], after: Mapping[str, int], was: Terms, now: Terms
) -> Why:
    if rule in before and rule in after:
        return "points"
    if rule not in was.conditions:
        return "added"
    if rule not in now.conditions:
        return "removed"
    return "features" if was.conditions[rule] == now.conditions[rule] else "condition"


def _follows(side: Side, by: Terms) -> bool:
    """Whether the score is the sum of the hits, and the decision what the thresholds make of it."""
    total = min(MAX_SCORE, sum(points for _, points in side.hits))
    level = LEVELS["ALLOW"] if _released(side) else by.level(total)
    return side.score == total and level == LEVELS[side.decision]


def _released(side: Side) -> bool:
    return any(rule == RULE for rule, _ in side.hits)


def _condition(when: Node, ruleset: Ruleset) -> object:
    lists = {name: sorted(ruleset.lists[name], key=repr) for name in lists_in(when)}
    named = set(names(when))
    features = {one.name: one.digest for one in ruleset.features if one.name in named}
    kinds = {name: kind for name, kind in ruleset.declared.items() if name in named}
    asked = {str(call.name.value) for call in calls(when)}
    models = {name: _answers(name, ruleset) for name in sorted(asked)}
    return [render(when), lists, features, kinds, models]


def _answers(name: str, ruleset: Ruleset) -> object:
    """What gives a model's score: its file, or two and which users each is for."""
    own = ruleset.models[name].digest
    rollout = ruleset.rollouts.get(name)
    if rollout is None or not rollout.share:
        return own
    return [own, ruleset.models[rollout.challenger].digest, rollout.share, rollout.salt]


def differing_features(one: Ruleset, other: Ruleset) -> list[str]:
    """The declared features that only one of two rulesets has, or that they mean otherwise."""
    slots = {feature.slot for feature in one.features}
    slots ^= {feature.slot for feature in other.features}
    both = (*one.features, *other.features)
    return sorted({feature.name for feature in both if feature.slot in slots})
