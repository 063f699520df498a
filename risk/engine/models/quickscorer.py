"""The leaves that rows come to, by bit masks: the QuickScorer algorithm.

Every node whose condition a row doesn't meet rules out the leaves on its left. For each input the
thresholds of its nodes are sorted, and `masks` has a line for each place among them: which leaves
all nodes before that place leave over. So a row costs one binary search and one AND an input,
whatever the depth of the trees. A tree's first leaf that is left over is the row's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from risk.engine.models.nodes import Ints, Nodes

WORD: Final = 64  # leaves of a word
MAX_WORDS: Final = 4  # of a tree
MAX_BYTES: Final = 64 * 1024 * 1024  # of all masks
FEW: Final = 12  # rows: below that, a search in a list is quicker than numpy's

Masks = npt.NDArray[np.uint64]
_ALL: Final = 2**WORD - 1
_ONE: Final = np.uint64(1)


class QuickScorer:
    """An ensemble as masks. A line has a word for each tree, the largest first, then a second word
    for each tree that needs one, and so on.
    """

    def __init__(self, nodes: Nodes) -> None:
        """Raises `ValueError` if the masks would be too large: see `fits`."""
        if not fits(nodes):
            raise ValueError("too large for masks")
        order = _largest_first(nodes)
        self._first = nodes.leaf_at[nodes.roots][order]
        self._starts = _starts(nodes.leaves[nodes.roots][order])  # of each word's part of a line
        column = np.empty(len(order), np.int64)
        column[order] = np.arange(len(order))
        column_of = np.repeat(column, np.diff([*nodes.roots, len(nodes.left)]))
        inner = np.flatnonzero(~nodes.is_leaf)
        self._inputs = [int(one) for one in np.unique(nodes.input[inner])]
        self._sorted: list[Ints] = []
        tables: list[Masks] = []
        for one in self._inputs:
            own = inner[nodes.input[inner] == one]
            thresholds = np.unique(nodes.threshold[own])
            table = np.full((len(thresholds) + 1, self._starts[-1]), _ALL, np.uint64)
            places = np.searchsorted(thresholds, nodes.threshold[own]) + 1
            for node, place in zip(own.tolist(), places.tolist(), strict=True):
                self._rule_out(table[place], nodes, int(nodes.left[node]), int(column_of[node]))
            np.bitwise_and.accumulate(table, axis=0, out=table)
            self._sorted.append(thresholds)
            tables.append(table)
        self._lists = [thresholds.tolist() for thresholds in self._sorted]
        self._lines = np.cumsum([0, *(len(table) for table in tables)])[:-1]
        whole = np.full((1, self._starts[-1]), _ALL, np.uint64)
        self._masks = np.concatenate(tables) if tables else whole

    def leaves(self, rows: Ints) -> Ints:
        """The numbers of the leaves that each row comes to, one a tree."""
        left = self._few(rows) if len(rows) < FEW else self._many(rows)
        bits = np.bitwise_count(~left & (left - _ONE)).astype(np.int64)  # 64 where none is left
        found = bits[:, self._starts[-2] : self._starts[-1]]
        for start, end in zip(self._starts[-3::-1], self._starts[-2:0:-1], strict=True):
            own = bits[:, start:end]
            behind = own[:, : found.shape[1]]
            np.add(behind, found, out=behind, where=behind == WORD)
            found = own
        found += self._first
        return found

    def _rule_out(self, line: Masks, nodes: Nodes, left: int, column: int) -> None:
        """Take the leaves below a node out of a line."""
        start = int(nodes.leaf_at[left] - self._first[column])
        for word, mask in _words(start, start + int(nodes.leaves[left])):
            line[self._starts[word] + column] &= np.uint64(_ALL & ~mask)

    def _few(self, rows: Ints) -> Masks:
        found = np.empty((len(rows), self._masks.shape[1]), np.uint64)
        for index, row in enumerate(rows.tolist()):
            places = [
                bisect_left(thresholds, row[one])
                for thresholds, one in zip(self._lists, self._inputs, strict=True)
            ]
            lines = self._masks[self._lines + np.array(places, np.int64)]
            np.bitwise_and.reduce(lines, axis=0, out=found[index])
        return found

    def _many(self, rows: Ints) -> Masks:
        found = np.full((len(rows), self._masks.shape[1]), _ALL, np.uint64)
        for thresholds, one, line in zip(self._sorted, self._inputs, self._lines, strict=True):
            own = self._masks[np.searchsorted(thresholds, rows[:, one]) + line]
            np.bitwise_and(found, own, out=found)
        return found


def fits(nodes: Nodes) -> bool:
    """Whether the masks of an ensemble are of a reasonable size."""
    counts = nodes.leaves[nodes.roots]
    lines = int((~nodes.is_leaf).sum()) + len(np.unique(nodes.input))
    words = int((-(-counts // WORD)).sum())
    return int(counts.max()) <= MAX_WORDS * WORD and lines * words * 8 <= MAX_BYTES


def _largest_first(nodes: Nodes) -> Ints:
    return np.argsort(-nodes.leaves[nodes.roots], kind="stable")


def _starts(counts: Ints) -> list[int]:
    """Where the first words of all trees begin, the second ones, and so on; then the end."""
    words = -(-counts // WORD)
    each = [int((words > word).sum()) for word in range(int(words.max()))]
    return [0, *np.cumsum(each).tolist()]


def _words(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The bits from `start` to before `end`: each word that has some, and these."""
    for word in range(start // WORD, (end - 1) // WORD + 1):
        low, high = max(start - word * WORD, 0), min(end - word * WORD, WORD)
        yield word, ((1 << (high - low)) - 1) << low
