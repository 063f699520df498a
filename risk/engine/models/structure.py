"""Whether the parts of a file hold together: trees that are trees, and within the limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from risk.engine.models.format import (
    MAX_DEPTH,
    MAX_INPUTS,
    MAX_MARGINS,
    MAX_NODES,
    MAX_TREES,
    MAX_VALUE,
    Calibration,
    Input,
    Malformed,
    ModelFile,
    Node,
)

_SPLIT, _LEAF = 5, 1  # numbers of a node
_DIGEST = re.compile(r"[0-9a-f]{64}")


def faults(file: ModelFile) -> Iterator[Malformed]:
    """What is wrong with a file of the right form: of each input, and of each tree, the first."""
    yield from _of_inputs(file.inputs)
    if not 1 <= len(file.trees) <= MAX_TREES:
        yield Malformed("trees", f"{len(file.trees):,} trees: from 1 to {MAX_TREES:,}")
        return
    count = sum(map(len, file.trees))
    if count > MAX_NODES:
        yield Malformed("trees", f"{count:,} nodes: at most {MAX_NODES:,}")
        return
    for index, tree in enumerate(file.trees):
        wrong = _of_tree(tree, len(file.inputs))
        if wrong:
            yield Malformed(f"trees[{index}]{wrong[0]}", wrong[1])
    if abs(file.base) > MAX_VALUE:
        yield Malformed("base", f"beyond {MAX_VALUE:,}")
    yield from _of_calibration(file.calibration)


def _of_inputs(inputs: tuple[Input, ...]) -> Iterator[Malformed]:
    if not 1 <= len(inputs) <= MAX_INPUTS:
        yield Malformed("inputs", f"{len(inputs):,} inputs: from 1 to {MAX_INPUTS:,}")
    seen: set[str] = set()
    for index, one in enumerate(inputs):
        place = f"inputs[{index}]"
        if bool(one.feature) is bool(one.field):
            yield Malformed(place, "has either a feature or a field")
        elif one.name in seen:
            yield Malformed(place, f"{one.name} stands here twice")
        elif one.digest and (one.field or not _DIGEST.fullmatch(one.digest)):
            yield Malformed(f"{place}.digest", "of a declared feature, 64 hexadecimal digits")
        seen.add(one.name)


def _of_tree(tree: tuple[Node, ...], inputs: int) -> tuple[str, str] | None:
    """The first fault: where in the tree, and what."""
    if not tree:
        return "", "has no nodes"
    depth: list[int] = [0] + [-1] * (len(tree) - 1)  # -1: nothing leads there so far
    for index, node in enumerate(tree):
        wrong = _of_node(node, index, len(tree), inputs)
        if wrong is None and depth[index] < 0:
            wrong = "no node leads here"
        if wrong is None and depth[index] > MAX_DEPTH:
            wrong = f"more than {MAX_DEPTH} deep"
        if wrong is None and len(node) == _SPLIT:
            for child in node[2:4]:
                if depth[child] >= 0:
                    wrong = f"a second way to node {child}"
                depth[child] = depth[index] + 1
        if wrong is not None:
            return f"[{index}]", wrong
    return None


def _of_node(node: Node, index: int, count: int, inputs: int) -> str | None:
    if len(node) not in (_SPLIT, _LEAF):
        return "a node is [input, threshold, left, right, value], a leaf [value]"
    if abs(node[-1]) > MAX_VALUE:
        return f"value {node[-1]}: beyond {MAX_VALUE:,}"
    if len(node) == _LEAF:
        return None
    if not 0 <= node[0] < inputs:
        return f"input {node[0]}: there are {inputs}, counted from 0"
    for side, child in (("left", node[2]), ("right", node[3])):
        if not 0 <= child < count:
            return f"{side} is node {child}: there are {count}, counted from 0"
        if child <= index:  # so there is no circle
            return f"{side} is node {child}: a node stands behind the one that leads to it"
    return None


def _of_calibration(found: Calibration) -> Iterator[Malformed]:
    if len(found.margins) > MAX_MARGINS:
        yield Malformed("calibration.margins", f"more than {MAX_MARGINS:,}")
    elif len(found.scores) != len(found.margins) + 1:
        yield Malformed("calibration.scores", "one more than there are margins")
    for index, (low, high) in enumerate(pairwise(found.margins)):
        if low >= high:
            yield Malformed(f"calibration.margins[{index + 1}]", "not above the one before it")
            break
    for index, (low, high) in enumerate(pairwise(found.scores)):
        if low > high:
            yield Malformed(f"calibration.scores[{index + 1}]", "below the one before it")
            break
