"""The first stage: bytes become transactions, or are rejected, or are late.

It also moves the frontier. Lateness and frontier come from each partition's own order, never from
the clock or from how partitions happen to interleave, so a replay judges every event alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from risk.event import Rejected, Transaction, decode
from risk.stages.base import Frontier, Item, Raw, Store
from risk.stages.codec import pack, unpack

HIGHEST = "highest"
READ_TO = "read_to"
# The frontier moves in steps: to settle and to forget costs less for many events at once.
STEP_MS = 250
ALL = 0, 2**63


class Reject(NamedTuple):
    """A record that can't be scored, and why."""

    raw: Raw
    reason: str
    message: str


class TooLate(NamedTuple):
    """A transaction that came `late_by` ms behind its partition's highest event time."""

    raw: Raw
    txn: Transaction
    late_by: int


class Ingested(NamedTuple):
    """A batch, sorted out."""

    items: list[Item]
    rejected: list[Reject]
    late: list[TooLate]


class Ingest:
    """Keeps each partition's highest event time, and how far it has been read.

    `starts` are all the partitions that there are, each with the offset that reading starts at:
    one not yet read holds the frontier back, unless it rests. `ends`, for a bounded run, has the
    offset after the last that counts: what lies beyond is left out, and a partition read so far
    holds nothing back any more. `said` has the first offset of which something is said, and the
    one after the last: all others are read because they count for the features of these.
    """

    def __init__(
        self,
        store: Store,
        starts: Mapping[int, int],
        lateness_ms: int,
        future_ms: int,
        ends: Mapping[int, int] | None = None,
        said: Mapping[int, tuple[int, int]] | None = None,
    ) -> None:
        self._store = store
        self._said = dict(said or {})
        self._lateness, self._future = lateness_ms, future_ms
        self._highest: dict[int, int] = dict.fromkeys(starts, -1)
        self._frontier = -1
        self._ends = dict(ends or {})
        self.read_to = dict(starts)  # the offset after the last one read, by partition
        self.resting: frozenset[int] = frozenset()
        self.records = 0  # read since the start, of those that something is said of
        for name, blob in store.items():
            if name == HIGHEST:
                self._frontier, highest, *read_to = unpack(blob)
                self._highest.update(highest)
                for offsets in read_to:
                    self.read_to.update(offsets)
            elif name == READ_TO:  # by codec version 1
                self.read_to.update(unpack(blob))
                store.delete(READ_TO)

    def on_batch(self, raws: Sequence[Raw]) -> Ingested:
        """Sort out a batch, in the order in which it was read."""
        items: list[Item] = []
        rejected: list[Reject] = []
        late: list[TooLate] = []
        highest, read_to, said = self._highest, self.read_to, self._said
        quiet = False
        if self._ends:
            ends = self._ends
            raws = [raw for raw in raws if raw.offset < ends.get(raw.partition, raw.offset + 1)]
        for raw in raws:
            read_to[raw.partition] = raw.offset + 1
            if said:
                first, last = said.get(raw.partition, ALL)
                quiet = not first <= raw.offset < last
            self.records += not quiet
            if raw.fault is not None:
                if not quiet:
                    rejected.append(Reject(raw, raw.fault.reason, raw.fault.message))
                continue
            try:
                txn = decode(raw.value, raw.key)
            except Rejected as error:
                if not quiet:
                    rejected.append(Reject(raw, error.reason, error.message))
                continue
            time = txn.event_time
            ahead = time - raw.append_time
            if ahead > self._future:
                message = f"event_time: {ahead} ms ahead of the broker's time: mend the clock"
                if not quiet:
                    rejected.append(Reject(raw, "future", message))
                continue
            before = highest.get(raw.partition, -1)
            if time > before:
                highest[raw.partition] = before = time
            elif before - time > self._lateness:
                if not quiet:
                    late.append(TooLate(raw, txn, before - time))
                continue
            items.append(
                Item(txn, before, (), raw.append_time, quiet, None, raw.partition, raw.offset)
            )
        if raws:
            self._store.put(HIGHEST, pack([self._frontier, highest, read_to]))
        return Ingested(items, rejected, late)

    def frontier(self) -> Frontier:
        """Where the frontier is now that this much was read. It never goes back.

        Only when every partition rests is everything settled. The frontier itself stays: should
        a straggler still come, it is counted in as exactly as any other.
        """
        awake = [time for p, time in self._highest.items() if not self._holds_nothing(p)]
        if awake:
            time = min(awake) - self._lateness - 1
            self._frontier = max(self._frontier, time - time % STEP_MS)
        return Frontier(self._frontier, settle_all=not awake)

    def all_rest(self) -> bool:
        """Whether nothing is left to wait for: each partition rests, or was read to its end."""
        return all(self._holds_nothing(p) for p in self._highest)

    def _holds_nothing(self, partition: int) -> bool:
        return partition in self.resting or self._at_end(partition)

    def _at_end(self, partition: int) -> bool:
        return partition in self._ends and self.read_to[partition] >= self._ends[partition]
