"""A moving view of one look-back window over a key's events."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.entry import Entry, time_of


class Sliding(Protocol):
    """Aggregates that an entry can join and leave in any order."""

    def add(self, entry: Entry) -> None:
        """Count an entry in."""

    def drop(self, entry: Entry) -> None:
        """Take an entry out that was counted in."""

    def read(self, entry: Entry) -> tuple[FeatureValue, ...]:
        """The features of `entry`, which is counted in."""

    @staticmethod
    def of(newest_first: Iterator[Entry], far: int) -> tuple[FeatureValue, ...]:
        """The features of the first of these entries. Those up to the time `far` are too old."""


class Cursor:
    """Keeps `aggregate` equal to `entries[left:right]` while it moves.

    Moving costs one step for each entry that joins or leaves, so reading every event in order
    costs two steps an event however full the window is; a jump starts anew where that is less.
    """

    __slots__ = ("_new", "aggregate", "left", "right", "window")

    def __init__(self, window: int, new: Callable[[], Sliding]) -> None:
        self.window = window
        self._new = new
        self.aggregate = new()
        self.left = self.right = 0

    def read_last(self, entries: list[Entry]) -> tuple[FeatureValue, ...]:
        """The features of the newest entry, the cursor standing just before it."""
        aggregate, left = self.aggregate, self.left
        entry = entries[-1]
        aggregate.add(entry)
        far = entry.time - self.window
        while entries[left].time <= far:
            aggregate.drop(entries[left])
            left += 1
        self.left, self.right = left, len(entries)
        return aggregate.read(entry)

    def read_at(self, entries: list[Entry], index: int) -> tuple[FeatureValue, ...]:
        """The features of `entries[index]` as of itself."""
        self._move(entries, after(entries, entries[index].time - self.window), index + 1)
        return self.aggregate.read(entries[index])

    def inserted(self, index: int, entry: Entry) -> None:
        """Entries now hold `entry` at `index`: keep the view's meaning."""
        if index <= self.left:
            self.left += 1
            self.right += 1
        elif index < self.right:
            self.aggregate.add(entry)
            self.right += 1

    def cut(self, count: int, entries: list[Entry]) -> None:
        """The first `count` entries are about to be deleted."""
        if self.left < count:
            self._move(entries, count, max(count, self.right))
        self.left -= count
        self.right -= count

    def _move(self, entries: list[Entry], left: int, right: int) -> None:
        if right - left < abs(left - self.left) + abs(right - self.right):
            self.aggregate = self._new()
            self.left = self.right = left
        add, drop = self.aggregate.add, self.aggregate.drop
        for entry in entries[self.right : right]:
            add(entry)
        for entry in entries[left : self.left]:
            add(entry)
        for entry in entries[right : self.right]:
            drop(entry)
        for entry in entries[self.left : left]:
            drop(entry)
        self.left, self.right = left, right


class Panes:
    """Cursors of several windows over the same entries, as one. The longest comes last."""

    __slots__ = ("_cursors", "_longest")

    def __init__(self, cursors: Sequence[Cursor]) -> None:
        self._cursors = tuple(cursors)
        self._longest = self._cursors[-1]

    @property
    def left(self) -> int:
        """Where the longest window begins."""
        return self._longest.left

    @property
    def right(self) -> int:
        """Where all of them end."""
        return self._longest.right

    def read_last(self, entries: list[Entry]) -> tuple[FeatureValue, ...]:
        """The features of the newest entry, one window after the other."""
        values: tuple[FeatureValue, ...] = ()
        for cursor in self._cursors:
            values += cursor.read_last(entries)
        return values

    def read_at(self, entries: list[Entry], index: int) -> tuple[FeatureValue, ...]:
        """The features of `entries[index]` as of itself."""
        values: tuple[FeatureValue, ...] = ()
        for cursor in self._cursors:
            values += cursor.read_at(entries, index)
        return values

    def inserted(self, index: int, entry: Entry) -> None:
        """As a cursor's."""
        for cursor in self._cursors:
            cursor.inserted(index, entry)

    def cut(self, count: int, entries: list[Entry]) -> None:
        """As a cursor's."""
        for cursor in self._cursors:
            cursor.cut(count, entries)


View = Cursor | Panes


class Cursors:
    """Cursors for stragglers, each where others have been read before.

    The partitions of a skewed stream each lag by a time of their own, so stragglers come in a few
    places, which all wander forwards. The nearest cursor is moved if that costs less than to start
    anew; else a further one is used, up to `MOST`, and then the one that has rested longest.
    """

    __slots__ = ("_cursors", "_new")

    MOST = 8

    def __init__(self, new: Callable[[], View]) -> None:
        self._new = new
        self._cursors: list[View] = []  # the latest used at the end

    def __iter__(self) -> Iterator[View]:
        return iter(self._cursors)

    def read_at(self, entries: list[Entry], index: int) -> tuple[FeatureValue, ...]:
        """The features of `entries[index]` as of itself."""
        cursors = self._cursors
        best = min(cursors, key=lambda cursor: abs(cursor.right - index), default=None)
        if best is None or 2 * abs(best.right - index) > best.right - best.left:
            best = self._new() if len(cursors) < self.MOST else cursors[0]
        if not cursors or best is not cursors[-1]:
            if best in cursors:
                cursors.remove(best)
            cursors.append(best)
        return best.read_at(entries, index)


def after(entries: list[Entry], time: int) -> int:
    """The index of the first entry later than `time`."""
    return bisect_right(entries, time, key=time_of)
