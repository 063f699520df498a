"""The nodes of an ensemble as flat arrays, which all evaluators are made from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from risk.engine.models.format import Trees

Ints = npt.NDArray[np.int64]


class Nodes(NamedTuple):
    """All nodes of all trees, one tree after another, each parent before its children.

    `left` and `right` are indexes here; a leaf has itself on both sides, and input 0. `leaf_at` is
    a leaf's number among all leaves, those of a tree from left to right; for an inner node, that of
    the leftmost leaf below it. `leaves` is how many leaves are at or below a node.
    """

    input: Ints
    threshold: Ints
    left: Ints
    right: Ints
    value: Ints
    leaf_at: Ints
    leaves: Ints
    roots: Ints
    depth: int  # of the deepest tree: 0 if all are single leaves

    @property
    def is_leaf(self) -> npt.NDArray[np.bool_]:
        """Which of them are leaves."""
        found: npt.NDArray[np.bool_] = self.left == np.arange(len(self.left))
        return found

    @property
    def leaf_values(self) -> Ints:
        """Every leaf's value, by its number."""
        found = np.empty(int(self.leaves[self.roots].sum()), np.int64)
        leaf = self.is_leaf
        found[self.leaf_at[leaf]] = self.value[leaf]
        return found


def flat(trees: Trees) -> Nodes:
    """The nodes of checked trees."""
    roots: list[int] = []
    inputs: list[int] = []
    thresholds: list[int] = []
    lefts: list[int] = []
    rights: list[int] = []
    values: list[int] = []
    for tree in trees:
        root = len(values)
        roots.append(root)
        for node in tree:
            own = len(values)
            split = len(node) > 1
            inputs.append(node[0] if split else 0)
            thresholds.append(node[1] if split else 0)
            lefts.append(root + node[2] if split else own)
            rights.append(root + node[3] if split else own)
            values.append(node[-1])
    leaves, leaf_at, depth = _counted(roots, lefts, rights)
    return Nodes(
        input=np.array(inputs, np.int64),
        threshold=np.array(thresholds, np.int64),
        left=np.array(lefts, np.int64),
        right=np.array(rights, np.int64),
        value=np.array(values, np.int64),
        leaf_at=np.array(leaf_at, np.int64),
        leaves=np.array(leaves, np.int64),
        roots=np.array(roots, np.int64),
        depth=depth,
    )


def _counted(
    roots: list[int], lefts: list[int], rights: list[int]
) -> tuple[list[int], list[int], int]:
    """How many leaves are below each node, the number of its leftmost, and the greatest depth."""
    count = len(lefts)
    leaves = [1] * count
    for node in range(count - 1, -1, -1):  # children stand after their parents
        if lefts[node] != node:
            leaves[node] = leaves[lefts[node]] + leaves[rights[node]]
    leaf_at, depth = [0] * count, [0] * count
    total = 0
    for root in roots:
        leaf_at[root] = total
        total += leaves[root]
    for node in range(count):
        left, right = lefts[node], rights[node]
        if left != node:
            leaf_at[left] = leaf_at[node]
            leaf_at[right] = leaf_at[node] + leaves[left]
            depth[left] = depth[right] = depth[node] + 1
    return leaves, leaf_at, max(depth, default=0)
