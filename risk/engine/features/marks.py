"""Where a straggler starts to count anew, so that it needn't count all that is not folded yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from risk.engine import exact
from risk.engine.features.entry import Entry
from risk.engine.features.shape import History, Values

MANY: Final = 64  # entries between two marks: fewer to count again, but more marks to make

_pack = exact.encode
_unpack = exact.decode


class Marks(msgspec.Struct, gc=False):
    """What the history of a timeline's first entries was, at every `MANY` or so of them."""

    found: list[tuple[int, bytes]] = []  # (index, the history of the entries before it), in order

    def observe(
        self, history: History, entries: Sequence[Entry], folded: int, index: int
    ) -> Values:
        """The features of `entries[index]`, which was inserted just now.

        The history is that of the first `folded` entries, and becomes that of all. Marks after
        the index don't hold any more, and are made anew.
        """
        found, start = self.found, folded
        while found and found[-1][0] > index:
            found.pop()
        if found and found[-1][0] > folded:
            start, dumped = found[-1]
            history.load(_unpack(dumped))
        self._count(history, entries, start, index)
        values = history.observe(entries[index])
        self._count(history, entries, index + 1, len(entries))
        return values

    def cut(self, count: int, folded: int) -> None:
        """The first `count` entries go. No mark is needed up to `folded` of those that stay."""
        self.found = [(at - count, dumped) for at, dumped in self.found if at - count > folded]

    def _count(self, history: History, entries: Sequence[Entry], start: int, stop: int) -> None:
        """Count `entries[start:stop]` in, and leave marks."""
        while stop - start > MANY:
            for entry in entries[start : start + MANY]:
                history.count(entry)
            start += MANY
            self.found.append((start, _pack(history.dump())))
        for entry in entries[start:stop]:
            history.count(entry)
