"""A stage over timelines: the features of one key, durable, corrected and forgotten in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from risk.engine.features.entry import Entry, position_of
from risk.engine.features.shape import Shape, Values
from risk.engine.features.timeline import Timeline
from risk.engine.stages.agenda import Agenda
from risk.engine.stages.base import Correction, Frontier, Item, Store
from risk.engine.stages.codec import pack, unpack
from risk.engine.stages.journal import PREFIX, Journal
from risk.engine.stages.layout import LAYOUT, Moves
from risk.engine.stages.merged import Merged
from risk.engine.stages.past import PREFIXES as PAST
from risk.engine.stages.past import Past, Saved
from risk.engine.stages.unsettled import Unsettled

FRONTIER = "frontier"
FEW = 64  # one of so many is some
MOST_GONE = 8  # so many entries that nothing looks at any more may be left, without a history


class KeyedStage:
    """`on_batch` adds the features of this stage's key to each event.

    A subclass names its features, those of an event without the key (`neutral`), its timelines'
    shape, how long it needs single events (`keep_ms` behind the frontier) and how long a key's
    history lasts after its last event (`retention_ms`; 0: it has none). Histories that are soon
    over are stored in batches, which go together (`retained_in_batches`): each in a blob of its own
    would cost a call to remove.
    """

    names: tuple[str, ...]
    neutral: Values
    shape: Shape
    keep_ms: int
    retention_ms: int
    retained_in_batches: bool = False
    bucket_ms: int = 60_000
    of_verdicts: bool = False  # whether it counts these
    own_entries: bool = False  # whether what it remembers of an event is not what others do

    def __init__(self, store: Store) -> None:
        self._store = store
        self._journal = Journal(store)
        self._past = Past(store, self.retention_ms, self.retained_in_batches, self.bucket_ms)
        self._agenda = Agenda()
        self._timelines: dict[str, Timeline] = {}
        self._unsettled = Unsettled()
        self._frontier = -1
        self.behind_frontier = 0
        self._load()

    def keys(self, items: Sequence[Item]) -> list[str]:
        """The events' keys in this stage; empty where a payment has none."""
        raise NotImplementedError

    def rows(self, found: Sequence[tuple[str, Entry]]) -> list[tuple[str, tuple[Any, ...]]]:
        """Keys, and what the stage needs of their entries, as written to the store."""
        raise NotImplementedError

    def unpacked(self, packed: Sequence[tuple[str, Sequence[Any]]]) -> Iterator[tuple[str, Entry]]:
        """The keys and entries of a batch that `rows` made, as they are now."""
        raise NotImplementedError

    def moved(self, layout: bytes | None) -> Moves:
        """How stored folds become such as they are now; the store then tells of these."""
        raise NotImplementedError

    def entry(self, item: Item, timeline: Timeline) -> Entry | None:
        """What is remembered of an event that has no entry yet; None if it doesn't count."""
        raise NotImplementedError

    def correction(self, entry: Entry) -> Correction | None:
        """Of the event of an entry, of no features yet; None if it is no event."""
        return Correction(entry.user_id, entry.event_id, entry.time, entry.ip, entry.device_id, {})

    def on_batch(
        self, items: Sequence[Item], corrections: Sequence[Correction], frontier: Frontier
    ) -> tuple[list[Item], list[Correction]]:
        """Add features to the items, merge own corrections into the fixes, and forget."""
        passed: list[Item] = []
        found: list[tuple[str, Entry]] = []
        amended: list[Saved] = []
        timelines, settled, shared = self._timelines, self._frontier, not self.own_entries
        for item, key in zip(items, self.keys(items), strict=True):
            is_verdict = item.verdict is not None
            if is_verdict and not (key and self.of_verdicts):
                passed.append(item)
                continue
            if not key:  # the payment doesn't have it: it counts for nobody here
                item.values += self.neutral
                passed.append(item)
                continue
            if item.late:
                item.values += self._alone(item, key)
                passed.append(item)
                continue
            timeline = timelines.get(key) or self._open(key, item.time)
            entry = (shared and item.entry) or self.entry(item, timeline)
            if entry is None:
                continue
            values = timeline.insert(entry)
            if not is_verdict:
                item.values += values
            if timeline.dirty_from is not None:
                self._unsettled.add(key, timeline.dirty_from[0])
                much = timeline.much_unfolded(settled)  # then to be folded at the next step
                self._agenda.advance(timeline, settled - self.keep_ms if much else entry.time)
            if entry.time <= settled:
                self.behind_frontier += 1
                if self.retention_ms and timeline.base is not None:
                    amended.append((key, timeline.upto, timeline.base))
            found.append((timeline.key, entry))
            passed.append(item)
        if amended:
            self._past.put(amended, settled, timelines)
        corrections = self._advance(corrections, frontier)
        if found:
            latest = max([entry.time for _, entry in found])
            self._journal.append(latest, self.rows(found), [])
        return passed, corrections

    def _advance(self, corrections: Sequence[Correction], frontier: Frontier) -> list[Correction]:
        moved = frontier.time > self._frontier
        if not moved and not frontier.settle_all:
            return list(corrections)
        merged = Merged(corrections)
        for key in self._unsettled.due(frontier.settled):
            timeline = self._timelines[key]
            for entry, values in timeline.settle(frontier.settled):
                own = self.correction(entry)
                if own is not None:
                    own.features.update(zip(self.names, values, strict=True))
                    merged.add(own)
            if timeline.dirty_from is not None:
                self._unsettled.add(key, timeline.dirty_from[0])
        if moved:
            self._frontier = frontier.time
            self._store.put(FRONTIER, pack(frontier.time))
            self._forget(frontier.time)
        return merged.all()

    def _forget(self, frontier: int) -> None:
        """Fold and prune what the frontier has left behind, then drop what was journaled of it.

        Of a batch that goes each entry is in its timeline's base by then: a timeline is looked at
        when its first entry that isn't would go.
        """
        horizon = frontier - self.keep_ms
        saved: list[Saved] = []
        for timeline in self._agenda.due(horizon):
            if timeline.latest <= horizon:
                timeline.retire()
                del self._timelines[timeline.key]
            else:
                self._cut(timeline, frontier, horizon)
                self._agenda.add(timeline, timeline.first_unfolded)
            if self.retention_ms and timeline.base is not None:
                saved.append((timeline.key, timeline.upto, timeline.base))
        self._past.put(saved, frontier, self._timelines)
        for _ in self._journal.expire(self._agenda.passed(horizon)):
            pass

    def _cut(self, timeline: Timeline, frontier: int, horizon: int) -> None:
        if self.retention_ms:
            timeline.fold(frontier)
            timeline.prune(horizon)
            return
        entries = timeline.entries
        if len(entries) > MOST_GONE and entries[MOST_GONE].time <= horizon:
            timeline.prune(horizon)

    def _alone(self, item: Item, key: str) -> Values:
        """The features of an event that nothing else is known with. It isn't remembered."""
        timeline = Timeline(key, self.shape)
        entry = self.entry(item, timeline)
        assert entry is not None
        item.entry = None
        return timeline.insert(entry)

    def _open(self, key: str, time: int) -> Timeline:
        """The timeline of a key that has had none, for an event or a verdict of that time."""
        self._timelines[key] = timeline = Timeline(key, self.shape, self._past.get(key))
        self._agenda.add(timeline, time)
        return timeline

    def _load(self) -> None:
        """Take up the state that an earlier run left in the store."""
        entries: defaultdict[str, list[Entry]] = defaultdict(list)
        past: list[tuple[str, bytes]] = []
        layout: bytes | None = None
        for name, blob in self._store.items():
            if name.startswith(PAST):
                past.append((name, blob))
            elif name == LAYOUT:
                layout = blob
            elif name == FRONTIER:
                self._frontier = unpack(blob)
            elif name.startswith(PREFIX):
                number = int(name.removeprefix(PREFIX))
                latest, packed = self._journal.reload(number, blob)
                self._journal.restore(latest, number, [])
                for key, entry in self.unpacked(packed):
                    entries[key].append(entry)
        if self.shape.history:
            self._past.load(past, self.moved(layout))
        for key, found in entries.items():
            if len(found) > 1:
                found.sort(key=position_of)
            timeline = self._open(key, found[0].time)
            timeline.restore(found, self._frontier)
            if timeline.dirty_from is not None:
                self._unsettled.add(key, timeline.dirty_from[0])

    @property
    def frontier(self) -> int:
        """Up to here, in ms UTC, the stage has settled; -1 before the first event."""
        return self._frontier

    def some(self) -> Iterator[object]:
        """A few of the objects that are held, from all over them."""
        return islice(self._timelines.values(), 0, None, FEW)

    def sizes(self) -> dict[str, int]:
        """How much is kept: keys awake, retained keys, journal batches."""
        awake, retained, batches = len(self._timelines), len(self._past), len(self._journal)
        return {"awake": awake, "retained": retained, "batches": batches}
