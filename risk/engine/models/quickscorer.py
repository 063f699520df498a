"""The leaves that rows come to, by bit masks: the QuickScorer algorithm.

Every node whose condition a row doesn't meet rules out the leaves on its left. For each input the
thresholds of its nodes are sorted, and a table has a line for each place among them: which leaves
all nodes before that place leave over. So a row costs one binary search an input and one AND a
table, whatever the depth of the trees. A tree's first leaf that is left over is the row's.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, Final, NamedTuple

import numpy as np

from risk.engine.models.masks import Line, Masks, Table, fits, joined, tables
from risk.engine.models.nodes import Ints, Nodes

FEW: Final = 12  # rows: below that, a search in a list is quicker than numpy's
CHUNK: Final = 128  # rows whose masks stay in a processor's own cache


class _Search(NamedTuple):
    """An input, its thresholds, and how many lines of its table one place among them is."""

    input: int
    thresholds: Ints
    stride: int


class QuickScorer:
    """An ensemble as masks. `_masks` has the lines of all tables, one after the other."""

    def __init__(self, nodes: Nodes) -> None:
        """Raises `ValueError` if the masks would be too large: see `fits`."""
        if not fits(nodes):
            raise ValueError("too large for masks")
        self._line = line = Line.of(nodes)
        found = joined(tables(nodes, line), line)
        self._masks = np.concatenate([one.masks for one in found])
        ends = np.cumsum([len(one.masks) for one in found])
        self._starts = np.array([0, *ends[:-1]], np.int64)  # of each table
        self._searches = [_searches(one) for one in found]
        every = [search for own in self._searches for search in own]
        self._lists = [(one.input, one.thresholds.tolist(), one.stride) for one in every]
        counts = [len(own) for own in self._searches]
        self._firsts = np.cumsum([0, *counts[:-1]])  # of each table's searches

    def leaves(self, rows: Ints) -> Ints:
        """The numbers of the leaves that each row comes to, one a tree."""
        if len(rows) < FEW:
            return self._line.leaves(self._few(rows))
        found = np.empty((len(rows), self._line.trees), np.int64)
        for first in range(0, len(rows), CHUNK):
            part = slice(first, first + CHUNK)
            found[part] = self._line.leaves(self._many(rows[part]))
        return found

    def _few(self, rows: Ints) -> Masks:
        found = np.empty((len(rows), self._line.words), self._line.word)
        for index, row in enumerate(rows.tolist()):
            places = [
                bisect_left(thresholds, row[one]) * stride
                for one, thresholds, stride in self._lists
            ]
            at = self._starts + (np.add.reduceat(places, self._firsts) if places else 0)
            np.bitwise_and.reduce(self._masks[at], axis=0, out=found[index])
        return found

    def _many(self, rows: Ints) -> Masks:
        columns = np.ascontiguousarray(rows.T)
        found = np.empty((len(rows), self._line.words), self._line.word)
        own = np.empty_like(found)
        for number, searches in enumerate(self._searches):
            at: Any = np.full(len(rows), self._starts[number])
            for one, thresholds, stride in searches:
                places = thresholds.searchsorted(columns[one])
                at += places if stride == 1 else places * stride
            # Every place is a line: clipping only spares numpy a copy.
            np.take(self._masks, at, axis=0, out=own if number else found, mode="clip")
            if number:
                np.bitwise_and(found, own, out=found)
        return found


def _searches(table: Table) -> list[_Search]:
    stride = len(table.masks)
    found = []
    for one, thresholds in zip(table.inputs, table.thresholds, strict=True):
        stride //= len(thresholds) + 1
        found.append(_Search(one, thresholds, stride))
    return found
