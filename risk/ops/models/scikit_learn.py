"""Forests of scikit-learn: random forests, extra trees, isolation forests.

They are taken as plain lists, which `arrays` reads from a fitted forest. scikit-learn has its data
as fractions of 32 bits, so thresholds are those of numbers rounded so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log
from typing import Any, Final

import numpy as np

from risk.engine.models.format import ModelFile
from risk.errors import UserError
from risk.ops.models.build import Look, Split, model_file, tree
from risk.ops.models.calibration import path_length, probability
from risk.ops.models.columns import Column

_EULER: Final = float(np.euler_gamma)
_KEPT: Final = ("children_left", "children_right", "feature", "threshold", "n_node_samples")
Arrays = Sequence[Mapping[str, Any]]  # of each tree, its lists by name


def arrays(fitted: Any) -> list[dict[str, Any]]:
    """The trees of a fitted forest as plain lists, which JSON can hold.

    `value` has each node's share of the second class. Raises `UserError` for other than two.
    """
    classes = getattr(fitted, "classes_", None)
    if classes is not None and len(classes) != 2:
        raise UserError(f"{len(classes)} classes: a model of fraud has two, honest and fraud")
    subsets = getattr(fitted, "estimators_features_", [None] * len(fitted.estimators_))
    found: list[dict[str, Any]] = []
    for estimator, subset in zip(fitted.estimators_, subsets, strict=True):
        lists = {name: getattr(estimator.tree_, name).tolist() for name in _KEPT}
        if subset is not None:  # of an isolation forest, each tree's own columns
            lists["feature"] = [int(subset[f]) if f >= 0 else f for f in lists["feature"]]
        if classes is not None:
            shares = [node[0] for node in estimator.tree_.value.tolist()]
            lists["value"] = [share[1] / sum(share) for share in shares]
        found.append(lists)
    return found


def forest(name: str, columns: Sequence[Column], trees: Arrays, about: str = "") -> ModelFile:
    """The file of a random forest or of extra trees: the margin is the probability of fraud.

    Raises `UserError`.
    """
    count = len(trees)
    looks = [_look(one, [share / count for share in one["value"]]) for one in trees]
    return _file(name, "forest", columns, looks, about)


def isolation(
    name: str, columns: Sequence[Column], trees: Arrays, max_samples: int, about: str = ""
) -> ModelFile:
    """The file of an isolation forest: the margin is the mean length of paths, negated.

    `max_samples` is of each tree. The score is scikit-learn's; `calibration.by_rank` makes one that
    says of how many payments a payment is more unusual. Raises `UserError`.
    """
    count = len(trees)
    looks = [_look(one, [-length / count for length in _lengths(one)]) for one in trees]
    return _file(name, "isolation", columns, looks, about, usual_length(max_samples))


def usual_length(samples: int) -> float:
    """The mean length of a path in a tree of so many samples."""
    if samples <= 2:
        return float(max(samples - 1, 0))
    return 2 * (log(samples - 1) + _EULER) - 2 * (samples - 1) / samples


def _file(
    name: str,
    kind: Any,
    columns: Sequence[Column],
    looks: Sequence[Look],
    about: str,
    usual: float = 0.0,
) -> ModelFile:
    trees = tuple(tree(0, look, columns, _single) for look in looks)
    table = path_length(usual) if kind == "isolation" else probability()
    return model_file(name, kind, columns, trees, table, about)


def _look(lists: Mapping[str, Any], values: Sequence[float]) -> Look:
    """How to look at the nodes of a tree, named by their places."""

    def look(node: object) -> Split | float:
        assert isinstance(node, int)
        left, right = lists["children_left"][node], lists["children_right"][node]
        if left < 0:
            return values[node]
        return Split(lists["feature"][node], lists["threshold"][node], left, right, values[node])

    return look


def _lengths(lists: Mapping[str, Any]) -> list[float]:
    """The length of the path of a sample that comes to a node, the mean of those below it."""
    lefts, rights = lists["children_left"], lists["children_right"]
    samples = lists["n_node_samples"]
    order = list(_downwards(lefts, rights))
    found = [0.0] * len(lefts)
    for node, depth in reversed(order):
        left, right = lefts[node], rights[node]
        if left < 0:
            found[node] = depth + usual_length(samples[node])
        else:
            below = found[left] * samples[left] + found[right] * samples[right]
            found[node] = below / samples[node]
    return found


def _downwards(lefts: Sequence[int], rights: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each node with its depth, after the one above it."""
    waiting = [(0, 0)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        if lefts[node] >= 0:
            waiting += [(lefts[node], depth + 1), (rights[node], depth + 1)]


def _single(value: float) -> float:
    return float(np.float32(value))
