"""Where a straggler starts to count anew, so that it needn't count all that is not folded yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from risk.engine.features.entry import Entry, Position
from risk.engine.features.shape import History, Shape, Values

MANY: Final = 64  # entries between two marks: fewer to count again, but more marks to make
_ANYWHERE: Final[Position] = (0, "", "")  # a mark's place is its index


class Marks(msgspec.Struct, gc=False):
    """What the history of a timeline's first entries was, at every `MANY` or so of them."""

    found: list[tuple[int, bytes]] = []  # (index, the history of the entries before it), in order

    def observe(
        self, shape: Shape, history: History, entries: Sequence[Entry], folded: int, index: int
    ) -> tuple[Values, History]:
        """The features of `entries[index]`, which was inserted just now, and the history of all.

        That which is given is of the first `folded` entries. Marks after the index don't hold any
        more, and are made anew.
        """
        found, start = self.found, folded
        while found and found[-1][0] > index:
            found.pop()
        if found and found[-1][0] > folded:
            start, packed = found[-1]
            history = shape.unpack(packed)[1]
        self._count(shape, history, entries, start, index)
        values = history.observe(entries[index])
        self._count(shape, history, entries, index + 1, len(entries))
        return values, history

    def cut(self, count: int, folded: int) -> None:
        """The first `count` entries go. No mark is needed up to `folded` of those that stay."""
        self.found = [(at - count, packed) for at, packed in self.found if at - count > folded]

    def _count(
        self, shape: Shape, history: History, entries: Sequence[Entry], start: int, stop: int
    ) -> None:
        """Count `entries[start:stop]` in, and leave marks."""
        while stop - start > MANY:
            for entry in entries[start : start + MANY]:
                history.count(entry)
            start += MANY
            self.found.append((start, shape.pack(_ANYWHERE, history)))
        for entry in entries[start:stop]:
            history.count(entry)
