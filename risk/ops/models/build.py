"""A model's file from trees as libraries have them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from math import isfinite
from typing import NamedTuple

from risk.engine.models.format import SCALE_BITS, Calibration, Input, Kind, ModelFile, Node, Trees
from risk.engine.models.structure import faults
from risk.errors import UserError
from risk.ops.models.columns import Column, Reads


class Split(NamedTuple):
    """An inner node: rows whose column is at or below the threshold go left.

    `value` is what the model expects of the rows that come here.
    """

    column: int
    threshold: float
    left: object
    right: object
    value: float


Look = Callable[[object], Split | float]  # the node of a name; of a leaf its value


def tree(root: object, look: Look, columns: Sequence[Column], reads: Reads) -> tuple[Node, ...]:
    """The nodes of a tree, each level after the one above it."""
    found: list[Node] = []
    waiting = deque([root])
    after = 1  # nodes that have a number
    while waiting:
        node = look(waiting.popleft())
        if not isinstance(node, Split):
            found.append((scaled(node),))
            continue
        if not 0 <= node.column < len(columns):
            raise UserError(f"column {node.column} of the data: {len(columns)} are named")
        threshold = columns[node.column].threshold(node.threshold, reads)
        found.append((node.column, threshold, after, after + 1, scaled(node.value)))
        waiting += [node.left, node.right]
        after += 2
    return tuple(found)


def scaled(value: float) -> int:
    """A value times 2^32, rounded half to even. Raises `UserError`."""
    if not isfinite(value):
        raise UserError(f"the value of a node is {value}")
    return round(value * (1 << SCALE_BITS))


def model_file(
    name: str,
    kind: Kind,
    columns: Sequence[Column],
    trees: Trees,
    calibration: Calibration,
    about: str = "",
) -> ModelFile:
    """The file of these trees. Raises `UserError` if no ruleset would take it."""
    inputs: tuple[Input, ...] = tuple(column.input for column in columns)
    file = ModelFile(1, name, kind, inputs, trees, calibration, about=about)
    for fault in faults(file):
        raise UserError(f"{name}: {fault}")
    return file
