"""How much each input moved a margin: along a row's path through a tree, what each node changes.

A node's value is what the model expects of the rows that come to it. A step from a node to its
child changes that, and counts for the input that the node asks of. So the contributions of a row
and what the roots expect add up to its margin, exactly.
"""

from __future__ import annotations

import numpy as np

from risk.engine.models.format import SCALE_BITS
from risk.engine.models.nodes import Ints, Nodes

_PER_MARGIN = 1_000
_HALF = 1 << SCALE_BITS - 1


def table(nodes: Nodes, inputs: int) -> Ints:
    """What each input contributes at each leaf: a line a leaf, a column an input."""
    found = np.zeros((len(nodes.leaf_values), inputs), np.int64)
    for start, end in zip(nodes.roots, [*nodes.roots[1:], len(nodes.left)], strict=True):
        own = np.zeros((end - start, inputs), np.int64)
        for node in range(int(start), int(end)):
            here, asks = own[node - start], nodes.input[node]
            if nodes.left[node] == node:
                found[nodes.leaf_at[node]] = here
                continue
            for child in (nodes.left[node], nodes.right[node]):
                own[child - start] = here
                own[child - start, asks] += nodes.value[child] - nodes.value[node]
    return found


def thousandths(contribution: int) -> int:
    """A contribution in thousandths of the margin, rounded half up."""
    return (contribution * _PER_MARGIN + _HALF) >> SCALE_BITS
