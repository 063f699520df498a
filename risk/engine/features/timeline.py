"""One key's events in event-time order, and their features however they arrive.

Two kinds of features are read off a timeline. *Sliding* ones look at a window, through a cursor.
*History* ones are a fold over all events in order; of what lies behind the frontier only the
fold's value is kept (`base`), and what lies ahead of it is replayed from there when a straggler
comes in between. A straggler makes the later events dirty: `settle` says what they are now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import msgspec

from risk.engine.features.cursor import Cursors, View, after
from risk.engine.features.entry import Entry, Position, position_of
from risk.engine.features.marks import Marks
from risk.engine.features.shape import History, Shape, Values

FEW = 64  # entries among which one cursor finds its way as fast as several
SCAN = 8  # entries that are looked at one by one as fast as a cursor is kept up with them
MANY = 64  # entries that are worth being folded before the window has passed them
NEVER = -1  # a time


class Timeline(msgspec.Struct, gc=False, eq=False):
    """The events of one key that may still matter one by one, and the fold of those before.

    The fold is kept as msgpack, with how far it reaches: one small object instead of many for each
    of many keys.
    """

    key: str
    shape: Shape
    base: bytes | None = None  # msgpack of [upto, the fold of all up to there]
    # These first: what every event looks at lies together.
    entries: list[Entry] = []
    latest: int = NEVER  # no entry is later, nor is anything in `base`
    head: History | None = None
    cursor: View | None = None  # made once entries are more than SCAN
    dirty_from: Position | None = None
    look_at: int = NEVER  # when its stage looks at it next
    upto: Position = (NEVER, "", "")
    folded: int = 0  # so many of the entries are in `base`
    settling: View | None = None
    stragglers: Cursors | None = None
    replayed: History | None = None  # the fold of entries[:replayed_to], while settling
    replayed_to: int = 0
    marks: Marks | None = None  # made by the first straggler among many entries
    dirty_to: Position = (NEVER, "", "")

    def __post_init__(self) -> None:
        if self.shape.history:
            self.head = self._history()
            self.latest = self.upto[0]

    def insert(self, entry: Entry) -> Values:
        """Take in an event; its features as of now. Marks the later ones as dirty."""
        entries, time = self.entries, entry.time
        if time <= self.latest and self._is_straggler(entry):
            return self._straggler(entry)
        entries.append(entry)
        self.latest = time
        values: Values = ()
        if self.cursor:
            values = self.cursor.read_last(entries)
        elif self.shape.windows:
            values = self._read(len(entries) - 1)
        return values + self.head.observe(entry) if self.head else values

    def settle(self, frontier: int) -> Iterator[tuple[Entry, Values]]:
        """The dirty events up to the frontier with their features as of all events known."""
        if self.dirty_from is None or self.dirty_from[0] > frontier:
            return
        entries = self.entries
        start = max(bisect_left(entries, self.dirty_from, key=position_of), self.folded)
        last = bisect_right(entries, self.dirty_to, key=position_of)
        stop = min(after(entries, frontier), last)
        history = self._replay(start)
        if self.shape.windows and not self.settling:
            self.settling = self.shape.cursor()
        for index in range(start, stop):
            values: Values = self.settling.read_at(entries, index) if self.settling else ()
            if history:
                values += history.observe(entries[index])
            yield entries[index], values
        if frontier >= self.dirty_to[0]:
            self.dirty_from = self.settling = self.replayed = None
        else:
            self.dirty_from = max(self.dirty_from, entries[stop].position)
            self.replayed, self.replayed_to = history, max(start, stop)

    def fold(self, frontier: int) -> None:
        """Let `base` take in what lies behind the frontier; nothing dirty may lie there."""
        entries, history = self.entries, self.head
        stop = after(entries, frontier)
        if stop <= self.folded:
            return
        if history and stop < len(entries):
            history = self._replay(stop)
            if self.dirty_from is not None:
                self.replayed, self.replayed_to = history, stop
        self.folded = stop
        self.upto = max(self.upto, entries[stop - 1].position)
        self._save(history)

    @property
    def first_unfolded(self) -> int:
        """The time of the first entry that `base` is to take in; if there is none, the latest."""
        rest = self.head and len(self.entries) > self.folded
        return self.entries[self.folded].time if rest else self.latest

    def much_unfolded(self, frontier: int) -> bool:
        """Whether more than a few entries could be folded by now."""
        many = self.folded + MANY
        return bool(self.head) and len(self.entries) > many and self.entries[many].time <= frontier

    def retire(self) -> None:
        """Let `base` take in all there is, nothing of it dirty: the timeline's end."""
        gone, self.entries = self.entries, []
        if gone:  # else they were pruned, and `base` reaches further
            self.upto = max(self.upto, gone[-1].position)
        self._save(self.head)

    def prune(self, horizon: int) -> None:
        """Forget events at or before the horizon, those of a history only if they are folded."""
        count = after(self.entries, horizon)
        if self.head:
            count = min(count, self.folded)
        if count:
            for cursor in self._cursors():
                cursor.cut(count, self.entries)
            del self.entries[:count]
            if self.head:
                self.folded -= count
                self.replayed_to -= count
                if self.marks:
                    self.marks.cut(count, self.folded)

    def restore(self, entries: list[Entry], frontier: int) -> None:
        """Take up the events of a snapshot, in order, the list included; what hasn't settled yet
        may be dirty. Nobody asks for their features.
        """
        self.entries = entries
        if self.base is not None:
            self.folded = bisect_right(entries, self.upto, key=position_of)
        if self.folded == len(entries):
            return
        self.latest = entries[-1].time
        if self.head:
            for entry in entries[self.folded :]:
                self.head.count(entry)
        if self.latest > frontier:
            start = max(after(entries, frontier), self.folded)
            self.dirty_from, self.dirty_to = entries[start].position, entries[-1].position

    def _is_straggler(self, entry: Entry) -> bool:
        position, entries = entry.position, self.entries
        return bool(entries and position < entries[-1].position) or position < self.upto

    def _straggler(self, entry: Entry) -> Values:
        entries = self.entries
        index = bisect_left(entries, entry.position, key=position_of)
        entries.insert(index, entry)
        for cursor in self._cursors():
            cursor.inserted(index, entry)
        if index < self.replayed_to:
            self.replayed = None
        values = self._read_straggler(index) if self.shape.windows else ()
        if self.head:
            if index < self.folded or entry.position < self.upto:  # behind the frontier: as of it
                history = self._history()
                values += history.observe(entry)
                self._save(history)
                self.folded += 1
                self.marks = None
                for later in entries[self.folded :]:
                    history.count(later)
            else:
                self.marks = self.marks or Marks()
                own, history = self.marks.observe(
                    self.head, self._history, entries, self.folded, index
                )
                values += own
            self.head = history
        if entry is not entries[-1]:
            position = entry.position
            self.dirty_from = min(self.dirty_from, position) if self.dirty_from else position
            self.dirty_to = entries[-1].position
        return values

    def _read_straggler(self, index: int) -> Values:
        """The sliding features at `index`; the cursor stays at the end, where most is read."""
        entries = self.entries
        if len(entries) < FEW:
            values = self._read(index)
        else:
            if not self.stragglers:
                self.stragglers = Cursors(self.shape.cursor)
            values = self.stragglers.read_at(entries, index)
        if self.cursor:
            self.cursor.read_at(entries, len(entries) - 1)
        return values

    def _read(self, index: int) -> Values:
        """The sliding features at `index`. From more than a few entries on, there is a cursor."""
        if not self.cursor:
            if len(self.entries) <= SCAN:
                return self.shape.scan(self.entries, index)
            self.cursor = self.shape.cursor()
        return self.cursor.read_at(self.entries, index)

    def _cursors(self) -> Iterator[View]:
        """All cursors: each has to know what entries come and go."""
        for cursor in (self.cursor, self.settling):
            if cursor:
                yield cursor
        if self.stragglers:
            yield from self.stragglers

    def _replay(self, index: int) -> History | None:
        """The history of all before `entries[index]`, from where it was replayed to before."""
        if not self.head:
            return None
        if self.replayed and self.folded <= self.replayed_to <= index:
            start, history = self.replayed_to, self.replayed
        else:
            marked = self.marks and self.marks.before(index, self.folded)
            start, history = marked or (self.folded, self._history())
        for entry in self.entries[start:index]:
            history.count(entry)
        return history

    def _history(self) -> History:
        if self.base is None:
            assert self.shape.history
            empty: History = self.shape.history()
            return empty
        self.upto, kept = self.shape.unpack(self.base)
        history: History = kept
        return history

    def _save(self, history: History | None) -> None:
        self.base = self.shape.pack(self.upto, history) if history else None
