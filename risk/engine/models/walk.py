"""The leaves that rows come to, by walking down all trees at once: for what masks are too large."""

from __future__ import annotations

import numpy as np

from risk.engine.models.nodes import Ints, Nodes


class Walk:
    """Walks an ensemble."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    def leaves(self, rows: Ints) -> Ints:
        """The number of the leaf of each tree, for each row."""
        nodes = self._nodes
        at = np.tile(nodes.roots, (len(rows), 1))
        across = np.arange(len(rows))[:, None]
        for _ in range(nodes.depth):
            met = rows[across, nodes.input[at]] <= nodes.threshold[at]
            at = np.where(met, nodes.left[at], nodes.right[at])
        return nodes.leaf_at[at]
