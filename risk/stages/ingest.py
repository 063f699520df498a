"""The first stage: bytes become transactions; or they are rejected, duplicates, or late.

It also moves the frontier. All of it comes from each partition's own order and from the broker's
timestamps, never from a machine's clock or from how partitions happen to interleave, so a replay
judges every record alike. Silence alone the log doesn't show: see `Idle`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

from risk.event import Rejected, Transaction, decode, encode
from risk.messages import Behind
from risk.stages.base import Frontier, Item, Raw, Store
from risk.stages.codec import pack, unpack
from risk.stages.reading import AWAKE, Idle, Reading
from risk.stages.seen import First, Seen, digest

MARKS = "highest"  # its name since codec version 1
READ_TO = "read_to"
SEEN = "seen/"
# The frontier moves in steps: to settle and to forget costs less for many events at once.
STEP_MS = 250
ALL = 0, 2**63


class Reject(NamedTuple):
    """A record that can't be scored, and why."""

    raw: Raw
    reason: str
    message: str


class TooLate(NamedTuple):
    """A payment that came `late_by` ms too late for the windows of others."""

    raw: Raw
    txn: Transaction
    late_by: int
    behind: Behind


class Ingested(NamedTuple):
    """A batch, sorted out. Late payments are among the items, too."""

    items: list[Item]
    rejected: list[Reject]
    late: list[TooLate]


class _Payment(NamedTuple):
    raw: Raw
    txn: Transaction
    key: bytes  # stands for its ids
    said: bool  # whether its decision is emitted


class Ingest:
    """Keeps each partition's mark, what it has read lately, and how far it has been read.

    A partition's *mark* is the highest of `min(event_time, append_time)` that was read from it: a
    producer whose clock is ahead can't move it past the broker's. A partition not yet read holds
    the frontier back, unless it is idle.
    """

    def __init__(self, store: Store, reading: Reading) -> None:
        self._store, self._reading = store, reading
        self._marks: dict[int, int] = dict.fromkeys(reading.starts, -1)
        self._frontier = -1
        self._recorded: Mapping[int, Mapping[int, int]] = {}
        self.latest = -1  # the highest event time of all that counts, ms UTC
        self._seen: dict[int, Seen] = {}
        self.read_to = dict(reading.starts)  # the offset after the last one read, by partition
        self.idle: Idle = AWAKE
        self.records = 0  # read since the start, of those whose decisions are emitted
        self.duplicates = self.conflicts = 0
        seen: defaultdict[int, list[tuple[int, bytes]]] = defaultdict(list)
        for name, blob in store.items():
            if name == MARKS:
                self._frontier, marks, *rest = unpack(blob)
                self._marks.update(marks)
                if rest:  # since codec version 2
                    self.read_to.update(rest[0])
                self.latest = rest[1] if len(rest) > 1 else max(marks.values(), default=-1)
            elif name == READ_TO:  # by codec version 1
                self.read_to.update(unpack(blob))
                store.delete(READ_TO)
            elif name.startswith(SEEN):
                partition, number = map(int, name.removeprefix(SEEN).split("/"))
                seen[partition].append((number, blob))
        for partition, found in seen.items():
            self._seen_by(partition).load(found)

    def take_as_late(self, recorded: Mapping[int, Mapping[int, int]]) -> None:
        """These records, by partition and offset, were found so late, in ms, by an earlier run.

        Their partition had been silent. Its own order doesn't show it, so what was found stands.
        """
        self._recorded = recorded

    def on_batch(self, raws: Sequence[Raw]) -> Ingested:
        """Sort out a batch, in the order in which it was read."""
        found = Ingested([], [], [])
        if ends := self._reading.ends:
            raws = [raw for raw in raws if raw.offset < ends.get(raw.partition, raw.offset + 1)]
        payments: list[_Payment] = []
        keys: defaultdict[int, list[bytes]] = defaultdict(list)
        for raw in raws:
            self.read_to[raw.partition] = raw.offset + 1
            said = self._is_said(raw)
            self.records += said
            if raw.fault is not None:
                if said:
                    found.rejected.append(Reject(raw, raw.fault.reason, raw.fault.message))
                continue
            try:
                txn = decode(raw.value, raw.key)
                self._check_future(raw, txn)
            except Rejected as error:
                if said:
                    found.rejected.append(Reject(raw, error.reason, error.message))
                continue
            key = digest(txn.user_id, txn.event_id)
            keys[raw.partition].append(key)
            payments.append(_Payment(raw, txn, key, said))
        for partition, of_partition in keys.items():
            self._seen_by(partition).prepare(of_partition)
        self._judge(payments, found)
        for partition in keys:
            self._seen[partition].save(self._marks[partition])
        if raws:
            state = [self._frontier, self._marks, self.read_to, self.latest]
            self._store.put(MARKS, pack(state))
        return found

    def _judge(self, payments: Sequence[_Payment], found: Ingested) -> None:
        """Tell duplicates and late payments from those that count."""
        marks, seen, dedup_ms = self._marks, self._seen, self._reading.dedup_ms
        for payment in payments:
            raw, txn, key, said = payment
            partition, time = raw.partition, txn.event_time
            mark = max(marks.get(partition, -1), min(time, raw.append_time))
            marks[partition] = mark
            content = crc32(encode(txn))
            first = seen[partition].first(key, mark)
            if first is not None:
                if said:
                    self.duplicates += 1
                    self.conflicts += first.content != content
                continue
            seen[partition].add(key, First(max(mark, time) + dedup_ms, content))
            late = self._late(payment, mark)
            if late is None:
                self.latest = max(self.latest, time)
            elif said:
                found.late.append(late)
            found.items.append(
                Item(
                    txn,
                    (),
                    raw.append_time,
                    not said,
                    None,
                    late is not None,
                    partition,
                    raw.offset,
                )
            )

    def _late(self, payment: _Payment, mark: int) -> TooLate | None:
        """How late a payment is; None if it isn't."""
        raw, txn, _, _ = payment
        time = txn.event_time
        if mark - time > self._reading.lateness_ms:
            return TooLate(raw, txn, mark - time, "partition")
        noted = self._recorded.get(raw.partition)
        if noted and raw.offset in noted:
            return TooLate(raw, txn, noted[raw.offset], "frontier")
        if time <= self._frontier:
            return TooLate(raw, txn, self._frontier + 1 - time, "frontier")
        return None

    def _check_future(self, raw: Raw, txn: Transaction) -> None:
        ahead = txn.event_time - raw.append_time
        if ahead > self._reading.future_ms:
            message = f"event_time: {ahead} ms ahead of the broker's time: mend the clock"
            raise Rejected("future", message)

    def _is_said(self, raw: Raw) -> bool:
        """Whether the decision on a record is emitted."""
        if not self._reading.said:
            return True
        first, last = self._reading.said.get(raw.partition, ALL)
        return first <= raw.offset < last

    def frontier(self) -> Frontier:
        """Where the frontier is now that this much was read. It never goes back.

        Nothing that is scored later is at or before it. Only when a bounded run has been read to
        its end is everything settled, however far ahead its event time.
        """
        reading, idle = self._reading, self.idle
        holding = [mark for p, mark in self._marks.items() if not self._holds_nothing(p)]
        if holding:
            self._move_to(min(holding) - reading.lateness_ms - 1)
        elif reading.ends is not None and all(map(self._at_end, self._marks)):
            return Frontier(self._frontier, settle_all=True)
        elif idle.settled_to is not None:
            latest = max(self.latest, idle.latest_elsewhere)
            self._frontier = max(self._frontier, min(latest, idle.settled_to))
            return Frontier(self._frontier, all_settled=self._frontier >= latest)
        else:
            furthest = max(self._marks.values(), default=-1)
            mark = furthest if idle.elsewhere is None else idle.elsewhere
            self._move_to(mark - reading.lateness_ms - 1)
        return Frontier(self._frontier)

    def _move_to(self, time: int) -> None:
        self._frontier = max(self._frontier, time - time % STEP_MS)

    def behind(self, partition: int) -> int:
        """How far, in ms, a partition's mark is behind the furthest."""
        furthest = max(*self._marks.values(), self.idle.elsewhere or -1)
        return furthest - self._marks[partition]

    def _holds_nothing(self, partition: int) -> bool:
        return partition in self.idle.partitions or self._at_end(partition)

    def _at_end(self, partition: int) -> bool:
        ends = self._reading.ends
        if ends is None or partition not in ends:
            return False
        return self.read_to[partition] >= ends[partition]

    def _seen_by(self, partition: int) -> Seen:
        found = self._seen.get(partition)
        if found is None:
            found = self._seen[partition] = Seen(self._store, f"{SEEN}{partition}/")
        return found


def count_scored(items: Sequence[Item]) -> int:
    """How many of a batch's items have the outcome scored, and are emitted."""
    return sum(not (item.quiet or item.late) for item in items)
