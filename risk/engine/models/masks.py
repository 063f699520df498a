"""The masks of an ensemble: which leaves are left over for each place among an input's thresholds.

Words are as narrow as the trees allow, and inputs with few thresholds share a table, which has a
line for each combination of their places: what is read for a row is what its score costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from risk.engine.models.nodes import Ints, Nodes

WORDS: Final = 64, 32, 16, 8  # bits of a word
MAX_WORDS: Final = 4  # of a tree, of the widest
MAX_BYTES: Final = 64 * 1024 * 1024  # of all masks
JOINT_LINES: Final = 64  # of a table that several inputs share
JOINT_BYTES: Final = 256 * 1024

Masks = npt.NDArray[Any]  # of unsigned integers


class Table(NamedTuple):
    """Some inputs, the thresholds of each, and a line for each combination of places among them:
    the last input's place moves on with each line.
    """

    inputs: tuple[int, ...]
    thresholds: tuple[Ints, ...]
    masks: Masks


class Line(NamedTuple):
    """How a line is laid out: a `word` for each tree, the largest first, then a second word for
    each tree that needs one, and so on. `starts` are those of first words, second words, and so on,
    with the end of all; `first` is each tree's first leaf, and `column` its place in that order.
    """

    word: np.dtype[Any]
    starts: Ints
    first: Ints
    column: Ints

    @staticmethod
    def of(nodes: Nodes) -> Line:
        """Of the words that take the fewest bytes."""
        counts = nodes.leaves[nodes.roots]
        order = np.argsort(-counts, kind="stable")
        column = np.empty(len(order), np.int64)
        column[order] = np.arange(len(order))
        able = [bits for bits in WORDS if int(counts.max()) <= MAX_WORDS * bits]
        bits = min(able, key=lambda bits: bits * int(_words_of(counts, bits).sum()))
        own = _words_of(counts[order], bits)
        per = [int((own > number).sum()) for number in range(int(own.max()))]
        starts = np.cumsum([0, *per])
        return Line(np.dtype(f"u{bits // 8}"), starts, nodes.leaf_at[nodes.roots][order], column)

    @property
    def bits(self) -> int:
        """Of a word."""
        return self.word.itemsize * 8

    @property
    def words(self) -> int:
        """Of a line."""
        return int(self.starts[-1])

    @property
    def trees(self) -> int:
        """How many there are."""
        return len(self.first)

    def full(self, lines: int) -> Masks:
        """Lines that rule nothing out."""
        return np.full((lines, self.words), (1 << self.bits) - 1, self.word)

    def rule_out(self, line: Masks, tree: int, start: int, end: int) -> None:
        """Take the leaves of a tree from `start` to `end`, counted in it, out of a line."""
        bits, column = self.bits, int(self.column[tree])
        for word in range(start // bits, (end - 1) // bits + 1):
            low, high = max(start - word * bits, 0), min(end - word * bits, bits)
            mask = ((1 << (high - low)) - 1) << low
            line[self.starts[word] + column] &= self.word.type((1 << bits) - 1 & ~mask)

    def leaves(self, left: Masks) -> Ints:
        """The number of the first leaf of each tree that is left over, for each row."""
        bits = self.bits
        below = np.bitwise_count(~left & (left - self.word.type(1)))  # all bits where none is left
        starts = self.starts.tolist()
        found: Any = below[:, starts[-2] :]
        if len(starts) > 2:
            found = found.astype(np.uint16)
        for start, end in zip(starts[-3::-1], starts[-2:0:-1], strict=True):
            own = below[:, start:end].astype(np.uint16)
            behind = own[:, : found.shape[1]]
            np.add(behind, found, out=behind, where=behind == bits)
            found = own
        leaves: Ints = found + self.first
        return leaves


def tables(nodes: Nodes, line: Line) -> list[Table]:
    """One for each input that is asked of."""
    inner = np.flatnonzero(~nodes.is_leaf)
    tree_of = np.repeat(np.arange(line.trees), np.diff([*nodes.roots, len(nodes.left)]))
    found = []
    for one in np.unique(nodes.input[inner]).tolist():
        own = inner[nodes.input[inner] == one]
        thresholds = np.unique(nodes.threshold[own])
        masks = line.full(len(thresholds) + 1)
        places = np.searchsorted(thresholds, nodes.threshold[own]) + 1
        for node, place in zip(own.tolist(), places.tolist(), strict=True):
            tree, left = int(tree_of[node]), int(nodes.left[node])
            start = int(nodes.leaf_at[left] - nodes.leaf_at[nodes.roots[tree]])
            line.rule_out(masks[place], tree, start, start + int(nodes.leaves[left]))
        np.bitwise_and.accumulate(masks, axis=0, out=masks)
        found.append(Table((one,), (thresholds,), masks))
    return found


def joined(found: Sequence[Table], line: Line) -> list[Table]:
    """The same with those of few lines together. Of an ensemble that asks nothing, one line."""
    most = min(JOINT_LINES, JOINT_BYTES // (line.words * line.word.itemsize))
    whole: list[Table] = []
    for table in sorted(found, key=lambda one: len(one.masks)):
        if whole and len(whole[-1].masks) * len(table.masks) <= most:
            whole[-1] = _product(whole[-1], table)
        else:
            whole.append(table)
    return whole or [Table((), (), line.full(1))]


def fits(nodes: Nodes) -> bool:
    """Whether the masks of an ensemble are of a reasonable size."""
    counts = nodes.leaves[nodes.roots]
    lines = int((~nodes.is_leaf).sum()) + len(np.unique(nodes.input))
    words = int(_words_of(counts, WORDS[0]).sum())
    return int(counts.max()) <= MAX_WORDS * WORDS[0] and lines * words * 8 <= MAX_BYTES


def _product(one: Table, other: Table) -> Table:
    masks = one.masks[:, None] & other.masks[None]
    return Table(
        one.inputs + other.inputs,
        one.thresholds + other.thresholds,
        masks.reshape(-1, masks.shape[-1]),
    )


def _words_of(counts: Ints, bits: int) -> Ints:
    """How many words trees of so many leaves take."""
    return -(-counts // bits)
