"""What would have changed a decision: one feature at a time, searched within bounds. Pure.

Only values that a rule compares the feature with, or a model splits at, can matter: just below,
at, and just above each of these, its value for a first payment, and false or true. What is told is
an assumption about one feature alone, all others as they were.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from risk.engine.features.catalogue import TYPES, FeatureValue
from risk.engine.messages import Decision
from risk.engine.models.inputs import PER_UNIT
from risk.engine.models.model import Model
from risk.engine.rules import Ruleset
from risk.engine.rules.tree import Binary, Literal, Member, Name, Node, Unary, names
from risk.verify.explained.again import Again

HARDNESS: Final[dict[Decision, int]] = {"ALLOW": 0, "REVIEW": 1, "BLOCK": 2}
MOST_VALUES: Final = 48  # of a feature: those nearest to what it was
MOST_TRIES: Final = 800  # of all features together
MOST: Final = 6  # changes that are told
STEP: Final = 0.01  # beside a threshold of a feature that isn't whole
_NONE: Final = (0.0, 1.0)
INNER: Final = 5  # numbers of a node that splits


class Change(NamedTuple):
    """Had the feature had this value, the score and the decision would have been these.

    `away` is how far the value is from what it was, as a share of it.
    """

    feature: str
    was: FeatureValue
    value: FeatureValue
    score: int
    before: Decision
    decision: Decision
    away: float


def changes(again: Again) -> list[Change]:
    """For each feature the nearest value with a softer decision, those that need least first."""
    outcome = again.outcome()
    found: list[Change] = []
    tries = MOST_TRIES
    for name, seen in sorted(thresholds(again.ruleset).items()):
        was = again.features.get(name)
        if was is None:
            continue
        for value in candidates(was, again.first[name], seen):
            tries -= 1
            if tries < 0:
                break
            then = again.outcome({**again.features, name: value})
            if HARDNESS[then.decision] < HARDNESS[outcome.decision]:
                change = Change(
                    name, was, value, then.score, outcome.decision, then.decision, _away(was, value)
                )
                found.append(change)
                break
    return sorted(found, key=lambda one: (one.away, one.feature))[:MOST]


def candidates(was: FeatureValue, first: FeatureValue, seen: Iterable[float]) -> list[FeatureValue]:
    """Values to try in the place of `was`, the nearest first; of the same type, none negative."""
    if isinstance(was, bool):
        return [not was]
    step: float = 1 if isinstance(was, int) else STEP
    beside = (value + shift for value in (*seen, *_NONE) for shift in (-step, 0, step))
    every = (value for value in (*beside, float(first)) if math.isfinite(value) and value >= 0)
    found = {_like(was, value) for value in every} - {was}
    return sorted(found, key=lambda value: (abs(value - was), value))[:MOST_VALUES]


def thresholds(ruleset: Ruleset) -> dict[str, set[float]]:
    """By feature the numbers that rules compare it with and models split it at.

    A feature in a comparison without a number of its own has none, and is there all the same.
    """
    found: dict[str, set[float]] = {}
    for rule in ruleset.rules:
        for name in names(rule.when):
            found.setdefault(name, set())
        for name, number in _compared(rule.when):
            found.setdefault(name, set()).add(number)
    kinds = {**TYPES, **{one.name: one.type for one in ruleset.features}}
    for model in ruleset.models.values():
        for name, number in _splits(model):
            number /= PER_UNIT if kinds.get(name) == "float" else 1
            found.setdefault(name, set()).add(number)
    return found


def _splits(model: Model) -> Iterator[tuple[str, float]]:
    """Each feature that a model splits at, with the threshold in the model's own unit."""
    names_of = [one.feature for one in model.file.inputs]
    for tree in model.file.trees:
        for node in tree:
            if len(node) == INNER and names_of[node[0]]:
                yield names_of[node[0]], node[1]


def _compared(node: Node) -> Iterator[tuple[str, float]]:
    """Each feature of a comparison with each number of it."""
    if isinstance(node, Binary) and node.op in ("<", "<=", ">", ">=", "==", "!="):
        numbers = [*_numbers(node)]
        yield from ((name, number) for name in set(names(node)) for number in numbers)
    elif isinstance(node, Member) and not isinstance(node.members, Name):
        numbers = [*(one for member in node.members for one in _numbers(member))]
        yield from ((name, number) for name in set(names(node.item)) for number in numbers)
    elif isinstance(node, Binary):
        yield from _compared(node.left)
        yield from _compared(node.right)
    elif isinstance(node, Unary):
        yield from _compared(node.operand)


def _numbers(node: Node) -> Iterator[float]:
    if isinstance(node, Literal):
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            yield float(node.value)
    elif isinstance(node, Binary):
        yield from _numbers(node.left)
        yield from _numbers(node.right)
    elif isinstance(node, Unary):
        yield from _numbers(node.operand)


def _like(was: FeatureValue, value: float) -> FeatureValue:
    """The value in the type of the feature."""
    return math.floor(value) if isinstance(was, int) else round(value, 4)


def _away(was: FeatureValue, value: FeatureValue) -> float:
    return abs(value - was) / max(1.0, abs(float(was)))
