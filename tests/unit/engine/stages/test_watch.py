"""Which partitions hold the frontier: silence, resumption, a partition far behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from risk.engine.features.catalogue import FeatureValue
from risk.engine.oracle import Consumed, outcomes
from risk.engine.oracle.features import features
from risk.engine.payment.transaction import Transaction
from risk.engine.stages.base import MemoryStore, Raw, Store
from risk.engine.stages.fused import Fused, Result
from risk.engine.stages.sharded import DeviceShard, IpShard, UserShard
from risk.engine.stages.watch import IdleWatch, Last, Patience
from tests.unit.streams import SCORING, START, raw, reading, transaction

PATIENCE = Patience(5_000, 60_000, 30_000, SCORING.lateness_ms, SCORING.future_ms)
Key = tuple[str, str, int]


class Topic:
    """A topic's records, in the order in which they are appended, and the clock."""

    def __init__(self, partitions: int) -> None:
        self.partitions = range(partitions)
        self.records: list[list[Raw]] = [[] for _ in self.partitions]
        self.now = START

    def append(self, partition: int, txn: Transaction) -> Raw:
        record = Raw(partition, len(self.records[partition]), self.now, *raw_of(txn))
        self.records[partition].append(record)
        return record

    def at_end(self, partition: int, read_to: int) -> bool:
        return read_to >= len(self.records[partition])

    def ends(self, partitions: Collection[int]) -> dict[int, int]:
        return {partition: len(self.records[partition]) for partition in partitions}

    def last(self, partitions: Collection[int]) -> dict[int, Last]:
        found = {p: self.records[p][-1] for p in partitions if self.records[p]}
        return {p: Last(time_of(one), one.append_time) for p, one in found.items()}


def raw_of(txn: Transaction) -> tuple[bytes | None, bytes | None]:
    record = raw(txn, 0)
    return record.key, record.value


def time_of(record: Raw) -> int:
    return int((record.value or b"").partition(b'"event_time":')[2].partition(b",")[0])


class Emitted:
    """What came out: of each payment the last features, and how often it was corrected."""

    def __init__(self) -> None:
        self.values: dict[Key, dict[str, FeatureValue]] = {}
        self.revisions: dict[Key, int] = {}
        self.late: dict[tuple[int, int], int] = {}

    def take(self, result: Result) -> None:
        for txn, found, revision, _, late, _changed in result.scorables:
            key = txn.event_id, txn.user_id, txn.event_time
            if not late:
                assert revision == self.revisions.get(key, -1) + 1 <= 1
                self.revisions[key], self.values[key] = revision, found.by_name()
        for one in result.late:
            if one.behind == "frontier":
                self.late[one.raw.partition, one.raw.offset] = one.late_by


class Live:
    """The fused stages over a topic, second by second."""

    def __init__(self, topic: Topic) -> None:
        self.topic, self.emitted = topic, Emitted()
        self.stores: defaultdict[str, MemoryStore] = defaultdict(MemoryStore)
        self.start()

    def start(self) -> None:
        """From the state that there is; what was found late stands."""

        def store(stage: str) -> Store:
            return self.stores[stage]

        self.stages = Fused(store, reading(self.topic.partitions))
        noted: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for (partition, offset), late_by in self.emitted.late.items():
            noted[partition][offset] = late_by
        self.stages.ingest.take_as_late(noted)
        self.watch = IdleWatch(self.stages.ingest, PATIENCE)

    def read(self, records: Sequence[Raw]) -> None:
        self.watch.heard({record.partition for record in records})
        self.emitted.take(self.stages.on_batch(records))
        assert self.stages.behind_frontier == 0

    def send(self, partition: int, *txns: Transaction) -> None:
        self.read([self.topic.append(partition, txn) for txn in txns])

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.topic.now += 1_000
            idle = self.watch.tick(self.topic, self.topic.now)
            if idle is not None:
                self.emitted.take(self.stages.on_idle(idle))

    def agree(self) -> None:
        """With the oracle, which goes by the log and by what was recorded."""
        records = [one for records in self.topic.records for one in records]
        consumed = [Consumed(*astuple(one)) for one in records]
        judged = list(outcomes(consumed, SCORING, self.emitted.late))
        scored = [one.txn for one in judged if one.outcome == "scored" and one.txn]
        wanted = {(t.event_id, t.user_id, t.event_time): found for t, found in features(scored)}
        assert self.emitted.values == wanted


def payment(number: int, time: int, user: str = "u1") -> Transaction:
    return transaction(number, user_id=user, event_time=time, device_id=f"d{user}")


def test_what_a_silent_partition_brings_afterwards_is_right_or_late() -> None:
    live = Live(Topic(2))
    for second in range(45):
        live.send(0, payment(second, live.topic.now, "u1"))
        if not second:
            live.send(1, payment(1_000, live.topic.now, "u2"))
        live.wait(1)
    for number in range(50):
        live.send(1, payment(2_000 + number, live.topic.now - 40_000 + number, "u2"))
    live.send(1, payment(3_000, live.topic.now - 20_000, "u2"))
    assert len(live.emitted.late) == 50
    live.wait(90)
    live.agree()


def test_stragglers_after_all_are_silent_are_not_corrected_twice() -> None:
    live = Live(Topic(1))
    live.send(0, payment(1, START), payment(2, START + 5_000))
    live.send(0, payment(3, START + 1_000))
    live.wait(40)
    assert set(live.emitted.revisions.values()) == {0, 1}
    live.send(0, payment(4, START + 2_000))
    live.wait(90)
    live.send(0, payment(5, START + 3_000))
    live.wait(90)
    assert len(live.emitted.late) == 2
    live.agree()


def test_a_straggler_within_the_lateness_is_scored_though_all_were_silent() -> None:
    live = Live(Topic(1))
    live.send(0, payment(1, START))
    live.wait(10)
    live.send(0, payment(2, START - 15_000))
    live.wait(60)
    assert not live.emitted.late
    live.agree()


def test_history_that_goes_on_after_a_pause_is_not_late() -> None:
    """Its event times don't follow the clock."""
    live = Live(Topic(2))
    old = START - 10**10
    live.send(0, payment(1, old, "u1"))
    live.send(1, payment(2, old + 10, "u2"))
    live.wait(600)
    live.send(0, payment(3, old + 20, "u1"))
    assert not live.emitted.late
    live.wait(60)
    live.agree()


def test_an_old_payment_every_few_seconds_holds_nothing_back_for_long() -> None:
    live = Live(Topic(2))
    for second in range(400):
        live.send(0, payment(second, live.topic.now, "u1"))
        if second % 4 == 0:
            live.send(1, payment(5_000 + second, START - 3_600_000 + second, "u2"))
        live.wait(1)
    assert live.stages.user.frontier > live.topic.now - 45_000
    assert len(live.stages.decide) < 100
    live.wait(90)
    live.agree()


def test_a_partition_that_is_not_read_to_its_end_is_waited_for() -> None:
    live = Live(Topic(2))
    unread = [live.topic.append(1, payment(5_000 + n, START + n, "u2")) for n in range(100)]
    for second in range(120):
        live.send(0, payment(second, live.topic.now, "u1"))
        live.wait(1)
    live.read(unread)
    assert not live.emitted.late
    live.wait(90)
    live.agree()


def test_a_payment_ahead_of_the_clock_settles_once_the_clock_is_there() -> None:
    live = Live(Topic(1))
    live.send(0, payment(1, START + 250_000))
    live.wait(60)
    live.send(0, payment(2, live.topic.now))
    assert not live.emitted.late
    live.wait(120)
    assert live.emitted.revisions["e0001", "u1", START + 250_000] == 0
    live.wait(200)
    assert live.emitted.revisions["e0001", "u1", START + 250_000] == 1
    live.agree()


def test_a_partition_that_was_added_is_read() -> None:
    live = Live(Topic(2))
    live.topic.records.append([])
    live.send(0, payment(1, START, "u1"))
    live.send(2, payment(2, START, "u2"))
    live.wait(60)
    live.agree()


def test_a_restart_does_not_take_the_frontier_back() -> None:
    live = Live(Topic(2))
    live.wait(7)
    live.send(0, payment(1, live.topic.now, "u1"))
    live.start()
    live.send(1, payment(2, live.topic.now - 31_000, "u2"))
    assert len(live.emitted.late) == 1
    live.wait(90)
    live.agree()


def test_a_restart_while_all_are_silent_does_not_take_the_frontier_back() -> None:
    live = Live(Topic(1))
    live.send(0, payment(1, START))
    live.wait(90)
    live.start()
    live.send(0, payment(2, START - 10_000))
    assert len(live.emitted.late) == 1
    live.wait(90)
    live.agree()


Steps = list[tuple[str, int, int, int]]
happenings: st.SearchStrategy[Steps] = st.lists(
    st.tuples(
        st.sampled_from(("send", "send", "send", "wait", "crash")),
        st.integers(0, 2),  # partition
        st.sampled_from((0, 0, 0, 500, 20_000, 31_000, 100_000, -20_000, -250_000)),  # how old
        st.sampled_from((1, 1, 2, 7, 40, 130)),  # seconds
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(happenings)
def test_whatever_is_silent_and_crashes_the_oracle_agrees(
    steps: Steps,
) -> None:
    live = Live(Topic(3))
    for number, (what, partition, age, seconds) in enumerate(steps):
        if what == "send":
            live.send(partition, payment(number, live.topic.now - age, f"u{partition}"))
        elif what == "wait":
            live.wait(seconds)
        else:
            live.start()
    live.wait(400)
    live.agree()


class Sharded:
    """User parts of one partition each; what they send arrives at once."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        n = self.shards = len(topic.partitions)
        self.users = [UserShard(lambda _: MemoryStore(), s, n, reading([s])) for s in range(n)]
        self.ips = [IpShard(lambda _: MemoryStore(), s, n) for s in range(n)]
        self.devices = [DeviceShard(lambda _: MemoryStore(), n) for _ in range(n)]
        self.watches = [
            IdleWatch(part.ingest, PATIENCE, [p for p in topic.partitions if p != s])
            for s, part in enumerate(self.users)
        ]
        self.late = 0

    def send(self, partition: int, txn: Transaction) -> None:
        self.watches[partition].heard([partition])
        result = self.users[partition].on_batch([self.topic.append(partition, txn)])
        self.late += len(result.late)
        self._pass_on(result.parcels)

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.topic.now += 1_000
            for shard, watch in enumerate(self.watches):
                idle = watch.tick(self.topic, self.topic.now)
                if idle is not None:
                    self._pass_on(self.users[shard].on_idle(idle).parcels)

    def _pass_on(self, parcels: object) -> None:
        for shard, parcel in parcels:  # type: ignore[attr-defined]
            for device, passed in self.ips[shard].on_batch([parcel]):
                self.devices[device].on_batch([passed])

    @property
    def behind(self) -> int:
        stages = (*(p.user for p in self.users), *(p.ip for p in self.ips))
        return sum(s.behind_frontier for s in (*stages, *(p.device for p in self.devices)))

    @property
    def pending(self) -> int:
        return sum(len(part.decide) for part in self.devices)


@settings(max_examples=100, deadline=None)
@given(happenings)
def test_no_shard_is_overtaken_while_its_partition_is_silent(
    steps: Steps,
) -> None:
    cluster = Sharded(Topic(3))
    for number, (what, partition, age, seconds) in enumerate(steps):
        if what == "send":
            cluster.send(partition, payment(number, cluster.topic.now - age, f"u{partition}"))
        else:
            cluster.wait(seconds)
        assert cluster.behind == 0
    cluster.wait(400)
    assert cluster.pending == 0
    assert all(part.gather.all_settled for part in cluster.devices)
