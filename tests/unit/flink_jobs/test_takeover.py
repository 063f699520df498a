"""Two runs over one log: each payment is decided by one of them, as if there were only one.

Whatever falls silent, is appended between, crashes or is proposed too late on the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from flink_jobs.control import Control, NoLeader
from risk.engine.oracle import Consumed, outcomes
from risk.engine.oracle.features import features
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.emission import Emission, Scorable
from risk.engine.stages.fused import Fused, Result
from risk.engine.stages.reading import Idle
from risk.engine.takeover.board import Board
from risk.engine.takeover.said import Said
from risk.engine.takeover.takeover import SKEW_MS
from risk.kafka.control_log import Heard
from tests.unit.streams import SCORING, START, raw, reading, transaction

OLD, NEW = "live-old", "live-new"
LABELS = {OLD: "default:1", NEW: "strict:1"}
PARTITIONS = 2


class Broker:
    """The log of payments, as far as it has come by `now`, and risk.control."""

    def __init__(self, raws: Sequence[Raw]) -> None:
        self._raws = list(raws)
        self.now = START
        self.appended: list[Raw] = []
        self.control: list[Heard] = []
        self.board = Board()
        self.late: dict[tuple[int, int], int] = {}  # risk.late, of those behind the frontier

    def append(self, count: int) -> None:
        """Some more payments come."""
        for payment in self._raws[:count]:
            self.now = max(self.now + 1, payment.append_time)
            self.appended.append(replace(payment, append_time=self.now))
        del self._raws[:count]

    def say(self, said: Said) -> int:
        """Append to risk.control."""
        self.now += 1
        self.control.append(Heard(said, len(self.control), self.now))
        self.board.hear(said, self.now)
        return len(self.control) - 1

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return not self._raws


class Reader:
    """One run's view of risk.control."""

    def __init__(self, broker: Broker) -> None:
        self._broker, self._at = broker, 0

    def all(self) -> list[Heard]:
        return self.new()

    def new(self, wait_s: float = 0.0) -> list[Heard]:
        found = self._broker.control[self._at :]
        self._at += len(found)
        return found

    def say(self, said: Said) -> int:
        return self._broker.say(said)

    def close(self) -> None:
        pass


class Job:
    """A run over the log; a crash takes it back to its last checkpoint."""

    def __init__(self, broker: Broker, run: str, blobs: dict[str, dict[str, bytes]]) -> None:
        self._broker, self.run = broker, run
        self._kept = blobs
        self.emitted: list[Scorable] = []
        self.begin()

    def begin(self) -> None:
        """Begin, or begin again after a crash."""
        stores: defaultdict[str, MemoryStore] = defaultdict(MemoryStore)
        for name, kept in self._kept.items():
            stores[name].blobs = dict(kept)
        self._stores = stores
        emission = Emission(LABELS[self.run], apart=NEW if self.run == NEW else "")
        self.part = Fused(lambda name: stores[name], reading(range(PARTITIONS)), emission)
        self.control = Control(Reader(self._broker), self.run, self.run == NEW)
        recorded: dict[int, dict[int, int]] = {}
        for (partition, offset), by in self._broker.late.items():
            recorded.setdefault(partition, {})[offset] = by
        self.part.ingest.take_as_late(recorded)
        self.control.begin(self.part.ingest, recorded)

    def checkpoint(self) -> dict[str, dict[str, bytes]]:
        """Remember all that is stored."""
        self._kept = {name: dict(store.blobs) for name, store in self._stores.items()}
        return self._kept

    def read(self, count: int) -> None:
        """Take the next records of each partition, unless they have to wait."""
        read_to = self.part.ingest.read_to
        left = [raw for raw in self._broker.appended if raw.offset >= read_to[raw.partition]]
        batch = left[:count]
        if batch and not self.control.waits(batch):
            self.control.before(batch)
            self._take(self.part.on_batch(batch))
            self.control.took(batch)

    def look(self, silent: frozenset[int]) -> None:
        """A second has passed; of these partitions nothing was heard for long."""
        unsettled = len(self.part.decide)
        if self.control.look(self.at_end, unsettled, whole=True):
            self._take(self.part.on_batch([]))
        if not self.control.follows:
            idle = frozenset(filter(self.at_end, silent))
            settled_to = self._broker.now - 30_000 if len(idle) == PARTITIONS else None
            self._take(self.part.on_idle(Idle(idle, None, settled_to)))
            self.control.took([])

    def at_end(self, partition: int) -> bool:
        read_to = self.part.ingest.read_to[partition]
        there = (raw for raw in self._broker.appended if raw.partition == partition)
        return all(raw.offset < read_to for raw in there)

    def _take(self, result: Result) -> None:
        self.emitted += result.scorables
        for one in result.late:
            if one.behind == "frontier":
                self._broker.late[one.raw.partition, one.raw.offset] = one.late_by


VERBS = (
    *(("append",) * 6 + ("old",) * 6 + ("new",) * 6 + ("look old",) * 3 + ("look new",) * 3),
    *("keep old", "keep new", "crash old", "crash new", "propose", "call off"),
)


def stream(random: Random, count: int = 150) -> list[Raw]:
    """Payments of a few users, by when they are appended: one partition or the other falls silent
    for a while, and brings old payments when it wakes.
    """
    now, offsets, busy = START, [0] * PARTITIONS, 0
    found = []
    for number in range(count):
        now += random.choice((1, 50, 500, 500, 3_000))
        if random.random() < 0.1:
            now += 20_000
            busy = random.randrange(PARTITIONS)
        partition = busy if random.random() < 0.9 else 1 - busy
        back = random.choice((0, 0, 0, 10, 900, 5_000, 15_000, 25_000, 29_000, 31_000))
        txn = transaction(
            number,
            user_id=f"u{partition}{random.randrange(2)}",
            event_time=now - back,
            amount=random.choice((100, 250, 10_000)),
            device_id=random.choice(("d1", "d2")),
        )
        payment = raw(txn, offsets[partition], partition)
        found.append(replace(payment, append_time=now))
        offsets[partition] += 1
    return found


def play(broker: Broker, random: Random) -> dict[str, Job]:
    """Let the old run decide, after a while the new one stand by, and then all that is left."""
    jobs = {OLD: Job(broker, OLD, {})}
    late = random.randrange(10, 200)
    for number in range(300):
        if number == late:
            broker.say(Said("offered", NEW, "ops", old=OLD))
            jobs[OLD].look(frozenset())
            jobs[NEW] = Job(broker, NEW, jobs[OLD].checkpoint())
        verb, _, who = random.choice(VERBS).partition(" ")
        run = {"old": OLD, "new": NEW}.get(who or verb, OLD)
        if verb == "append":
            broker.append(random.randint(1, 3))
        elif NEW in jobs and verb == "propose" and random.random() < 0.3:
            broker.say(Said("proposed", NEW, "ops", lead_ms=random.choice((1, 5_000))))
        elif NEW in jobs and verb == "call" and random.random() < 0.05:
            broker.say(Said("called_off", NEW, "ops"))
        elif run in jobs and verb in ("old", "new"):
            jobs[run].read(random.randint(1, 8))
        elif run in jobs and verb == "look":
            jobs[run].look(frozenset(p for p in range(PARTITIONS) if random.random() < 0.7))
        elif run in jobs and verb == "keep":
            jobs[run].checkpoint()
        elif run in jobs and verb == "crash" and random.random() < 0.3:
            jobs[run].begin()
    for _ in range(400):
        takeover = broker.board.takeovers[NEW]
        broker.append(10)
        broker.now += 1_000
        for job in jobs.values():
            job.read(1_000)
            job.look(frozenset(range(PARTITIONS)))
        asked = takeover.proposed is not None and not takeover.overdue()
        if not (takeover.over or asked) and takeover.at is None:
            broker.say(Said("proposed", NEW, "ops", lead_ms=1_500))
        ended = all(job.at_end(p) for job in jobs.values() for p in range(PARTITIONS))
        left = any(len(job.part.decide) for job in jobs.values())
        if broker.done and takeover.over and ended and not left:
            return jobs
    raise AssertionError("it does not end")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
@example(1_140_544)  # found late, then a checkpoint and a crash, before it was told
def test_each_payment_is_decided_once_and_right(seed: int) -> None:
    random = Random(seed)
    broker = Broker(stream(random))
    jobs = play(broker, random)
    at = broker.board.takeovers[NEW].at
    consumed = [
        Consumed(r.partition, r.offset, r.append_time, r.key, r.value) for r in broker.appended
    ]
    judged = list(outcomes(consumed, SCORING, broker.late))
    scored = [one for one in judged if one.outcome == "scored" and one.txn]
    owners = {}
    for one in judged:
        if one.txn and one.outcome in ("scored", "late"):
            new = at is not None and one.record.append_time >= at
            owners[one.txn.event_id, one.txn.event_time, one.outcome == "late"] = (
                NEW if new else OLD
            )
    settled = {
        txn.event_id: dict(values) for txn, values in features([o.txn for o in scored if o.txn])
    }
    said: dict[tuple[str, int, bool], dict[int, Scorable]] = {}
    for run, job in jobs.items():
        for scorable in job.emitted:
            txn = scorable.txn
            key = txn.event_id, txn.event_time, scorable.late
            assert owners.get(key) == run, (run, at, txn)
            assert scorable.label == LABELS[run]
            said.setdefault(key, {})[scorable.revision] = scorable
    assert said.keys() == owners.keys()
    for (event_id, _, is_late), revisions in said.items():
        assert set(revisions) in ({0}, {0, 1})
        if not is_late:
            assert revisions[max(revisions)].features.by_name() == settled[event_id]


def test_a_standby_that_nobody_offered_does_not_begin() -> None:
    with pytest.raises(NoLeader, match="nobody has offered it"):
        Job(Broker([]), NEW, {})


def _heard(*said: Said) -> Board:
    board = Board()
    for number, one in enumerate(said):
        board.hear(one, START + number)
    return board


def test_the_first_of_a_promise_and_a_call_off_counts() -> None:
    begun = Said("offered", NEW, "ops", old=OLD), Said("proposed", NEW, "ops", lead_ms=1_000)
    promise = Said("promised", NEW, OLD, at=START + 1_001)
    off = Said("called_off", NEW, "ops")
    first = _heard(*begun, promise, off).takeovers[NEW]
    assert (first.at, first.called_off) == (START + 1_001, False)
    second = _heard(*begun, off, promise).takeovers[NEW]
    assert (second.at, second.called_off) == (None, True)


def test_each_moment_is_one_runs() -> None:
    begun = Said("offered", NEW, "ops", old=OLD), Said("proposed", NEW, "ops", lead_ms=1_000)
    before = _heard(*begun)
    after = _heard(*begun, Said("promised", NEW, OLD, at=START + 1_001))
    for moment in (START, START + 1_000, START + 1_001, START + SKEW_MS):
        assert list(_owners(before, moment)) == [OLD]
        assert list(_owners(after, moment)) == [NEW if moment >= START + 1_001 else OLD]


def _owners(board: Board, moment: int) -> Iterator[str]:
    for run in (OLD, NEW):
        first, last = board.owned(run)
        if first <= moment < last:
            yield run
