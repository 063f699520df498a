"""The first stage: bytes become transactions; or they are rejected, duplicates, or late.

It also moves the frontier. All of it comes from each partition's own order and from the broker's
timestamps, never from a machine's clock or from how partitions happen to interleave, so a replay
judges every record alike. Silence alone the log doesn't show: see `Idle`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

from risk.engine.payment.transaction import Rejected, Transaction, decode
from risk.engine.stages.abreast import abreast
from risk.engine.stages.base import Frontier, Item, Raw, Store
from risk.engine.stages.codec import pack, unpack
from risk.engine.stages.ingested import Ingested, Reject, TooLate
from risk.engine.stages.partition_limit import PartitionLimit
from risk.engine.stages.reading import AWAKE, Idle, Reading
from risk.engine.stages.seen import Seen, digest
from risk.engine.takeover.share import Share

MARKS = "highest"  # its name since codec version 1
READ_TO = "read_to"
SEEN = "seen/"
# The frontier moves in steps: to settle and to forget costs less for many events at once.
STEP_MS = 250
ALL = 0, 2**63
AHEAD = "event_time: {} ms ahead of the broker's time: mend the clock"


_Payment = tuple[Raw, Transaction, bool]  # and whether its decision is emitted


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
        self._unsaved = False  # whether marks have moved since they were stored
        self._seen = Seen(store, SEEN)
        self.read_to = dict(reading.starts)  # the offset after the last one read, by partition
        self.idle: Idle = AWAKE
        self.share = Share()
        self.records = self.duplicates = self.conflicts = 0  # of those whose decisions are emitted
        self.undeclared = 0  # attributes that no ruleset declares
        self.over_limit = 0  # late payments that are beyond the limit of their partition
        self.limit = PartitionLimit(reading.max_partition_payments)
        seen: list[tuple[str, bytes]] = []
        for name, blob in store.items():
            if name == MARKS:
                self._frontier, marks, *rest = unpack(blob)
                self._marks.update(marks)
                if rest:  # since codec version 2
                    self.read_to.update(rest[0])
                self.latest = rest[1] if len(rest) > 1 else max(marks.values(), default=-1)
                self.limit.load(rest[2] if len(rest) > 2 else {})
            elif name == READ_TO:  # by codec version 1
                self.read_to.update(unpack(blob))
                store.delete(READ_TO)
            elif name.startswith(SEEN):
                seen.append((name.removeprefix(SEEN), blob))
        self._seen.load(seen)

    def take_as_late(self, recorded: Mapping[int, Mapping[int, int]]) -> None:
        """These records, by partition and offset, were found so late, in ms, by an earlier run.

        Their partition had been silent. Its own order doesn't show it, so what was found stands.
        """
        self._recorded = recorded

    def on_batch(self, raws: Sequence[Raw]) -> Ingested:
        """Sort out a batch: each partition in the order in which it was read, side by side."""
        found = Ingested([], [], [])
        if ends := self._reading.ends:
            raws = [raw for raw in raws if raw.offset < ends.get(raw.partition, raw.offset + 1)]
        read_to, part, future_ms = self.read_to, self._reading.emitted, self._reading.future_ms
        payments: list[_Payment] = []
        keys: list[bytes] = []
        emitted = True
        contract = self._reading.contract
        asked = bool(contract.declared or contract.required)
        (since, until), shared = self.share.owned, not self.share.whole
        for raw in raws:
            partition = raw.partition
            read_to[partition] = raw.offset + 1
            if part:
                first, last = part.get(partition, ALL)
                emitted = first <= raw.offset < last
            elif shared:
                emitted = since <= raw.append_time < until
            self.records += emitted
            try:
                if raw.fault is not None:
                    raise Rejected(raw.fault.reason, raw.fault.message)
                txn = decode(raw.value, raw.key)
                ahead = txn.event_time - raw.append_time
                if ahead > future_ms:
                    raise Rejected("future", AHEAD.format(ahead))
                if asked:
                    contract.check(txn)
                if txn.attributes is not None and emitted:
                    self.undeclared += contract.undeclared(txn)
            except Rejected as error:
                if emitted:
                    found.rejected.append(Reject(raw, error.reason, error.message))
                continue
            keys.append(digest(partition, txn.user_id, txn.event_id))
            payments.append((raw, txn, emitted))
        self._seen.prepare(keys)
        order = abreast((raw.partition, txn.event_time) for raw, txn, _ in payments)
        if order is not None:
            payments, keys = [payments[n] for n in order], [keys[n] for n in order]
        self._judge(payments, keys, found)
        self._seen.save(self._marks)
        self._unsaved |= bool(raws)
        return found

    def _judge(self, payments: Sequence[_Payment], keys: Sequence[bytes], found: Ingested) -> None:
        """Tell duplicates and late payments from those that count."""
        marks, frontier, recorded = self._marks, self._frontier, self._recorded
        lateness_ms, dedup_ms = self._reading.lateness_ms, self._reading.dedup_ms
        remembered, remember = self._seen.first, self._seen.add
        items, latest, share = found.items, self.latest, self.share
        admits = self.limit.admits
        for (raw, txn, emitted), key in zip(payments, keys, strict=True):
            partition, time, mark = raw.partition, txn.event_time, raw.append_time
            if time < mark:
                mark = time
            before = marks.get(partition, -1)
            if mark > before:
                marks[partition] = mark
            else:
                mark = before
            content = crc32(raw.value or b"")
            first = remembered(key, mark)
            if first is not None:
                if emitted:
                    self.duplicates += 1
                    self.conflicts += first[1] != content
                continue
            remember(key, partition, (mark if mark > time else time) + dedup_ms, content)
            settled = max(frontier, share.passed(partition, raw.offset)) if share.told else frontier
            late = mark - time > lateness_ms or time <= settled
            if late or (recorded and raw.offset in recorded.get(partition, ())):
                late = True
                why = self._too_late(raw, txn, mark, settled)
                if why.behind == "frontier":
                    share.note(partition, raw.offset, why.late_by)
                if emitted:
                    found.late.append(why)
            elif not admits(partition, mark, time):
                late = True
                if emitted:
                    self.over_limit += 1
                    found.late.append(TooLate(raw, txn, 0, "limit"))
            elif time > latest:
                latest = time
            items.append(
                Item(txn, (), raw.append_time, not emitted, None, late, partition, raw.offset)
            )
        self.latest = latest

    def _too_late(self, raw: Raw, txn: Transaction, mark: int, settled: int) -> TooLate:
        """How late a payment is, and behind what."""
        behind = mark - txn.event_time
        if behind > self._reading.lateness_ms:
            return TooLate(raw, txn, behind, "partition")
        noted = self._recorded.get(raw.partition, {}).get(raw.offset)
        return TooLate(raw, txn, noted or settled + 1 - txn.event_time, "frontier")

    @property
    def frontier_time(self) -> int:
        """Where the frontier is, ms UTC: what happened no later, and is yet to be read, is late."""
        return self._frontier

    def frontier(self) -> Frontier:
        """Where the frontier is now that this much was read. It never goes back.

        Nothing that is scored later is at or before it, after a restart neither: so it is stored
        together with what the later stages store because of it. Only when a bounded run has been
        read to its end is everything settled, however far ahead its event time.
        """
        before = self._frontier
        found = self._find_frontier()
        if self._unsaved or self._frontier > before:
            counts = self.limit.counts()
            blob = pack([self._frontier, self._marks, self.read_to, self.latest, counts])
            self._store.put(MARKS, blob)
            self._unsaved = False
        return found

    def _find_frontier(self) -> Frontier:
        reading, idle = self._reading, self.idle
        self._frontier = max(self._frontier, self.share.floor)
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
