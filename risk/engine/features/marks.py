"""Where a straggler starts to count anew, so that it needn't count all that is not folded yet."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Final

import msgspec

from risk.engine.features.entry import Entry
from risk.engine.features.shape import History, Values

# Entries between two marks: fewer to count again, but more marks to make. Each is as large as all
# that the key has in its fold, so there are not many of them, however many the entries. Most that
# comes late is late by little: the nearer to the end, the nearer marks are to each other.
APART: Final = 16
MOST: Final = 32  # of those far from the end
NEARER: Final = 4  # the next mark is so many times nearer than the end

_index = itemgetter(0)


class Marks(msgspec.Struct, gc=False):
    """What the history of a timeline's first entries was, `APART` or more entries apart.

    So what a straggler costs goes by how many entries it is late, not by how many there are.
    """

    found: list[tuple[int, History]] = []  # (index, the history of the entries before it), in order

    def observe(
        self,
        head: History,
        base: Callable[[], History],
        entries: Sequence[Entry],
        folded: int,
        index: int,
    ) -> tuple[Values, History]:
        """The features of `entries[index]`, which was inserted just now, and the history of all.

        `head` is that of all others, `base` makes that of the first `folded` entries. What came
        after the index is counted anew unless the order makes no difference.
        """
        marks = len(self.found)
        start, history = self.before(index, folded) or (folded, base())
        first = bisect_right(self.found, index, key=_index)
        later, self.found = self.found[first:], self.found[:first]
        widest = max(APART, (len(entries) - folded) // MOST)
        self._count(history, entries, start, index, widest)
        entry = entries[index]
        if head.commutes(entry, history):
            for at, mark in later:
                if mark.commutes(entry, history):
                    mark.count(entry)
                    self.found.append((at + 1, mark))
            if len(self.found) > marks:
                self._thin_out(len(entries), widest)
            head.count(entry)
            return history.observe(entry), head
        values = history.observe(entry)
        self._count(history, entries, index + 1, len(entries), widest)
        self._thin_out(len(entries), widest)
        return values, history

    def before(self, index: int, folded: int) -> tuple[int, History] | None:
        """The last mark up to an index, as a history to go on with. None if `folded` is as near."""
        last = bisect_right(self.found, index, key=_index) - 1
        if last < 0 or self.found[last][0] <= folded:
            return None
        at, history = self.found[last]
        return at, history.copy()

    def cut(self, count: int, folded: int) -> None:
        """The first `count` entries go. No mark is needed up to `folded` of those that stay."""
        self.found = [(at - count, history) for at, history in self.found if at - count > folded]

    def _count(
        self, history: History, entries: Sequence[Entry], start: int, stop: int, widest: int
    ) -> None:
        """Count `entries[start:stop]` in, and leave marks behind all there are."""
        while stop - start > (apart := _apart(len(entries) - start, widest)):
            for entry in entries[start : start + apart]:
                history.count(entry)
            start += apart
            self.found.append((start, history.copy()))
        for entry in entries[start:stop]:
            history.count(entry)

    def _thin_out(self, end: int, widest: int) -> None:
        """Forget marks that have others near enough on both sides, now that the end is farther."""
        found = self.found
        if len(found) <= MOST:
            return
        self.found = kept = found[:1]
        for mark, (after, _) in pairwise(found[1:]):
            if after - kept[-1][0] > _apart(end - after, widest):
                kept.append(mark)
        kept.append(found[-1])


def _apart(left: int, widest: int) -> int:
    """How far the next mark may be where so many entries are left."""
    return max(APART, min(widest, left // NEARER))
