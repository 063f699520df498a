"""The stages as three operators, their channels as slow as they like: the answers of one."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.feature_set import BUILT_IN, FeatureSet
from risk.engine.feedback import Logged
from risk.engine.rules.declaration import Declaration
from risk.engine.stages.base import FLUSH, MemoryStore, Raw, Store
from risk.engine.stages.declared import DeclaredStages
from risk.engine.stages.emission import Scorable
from risk.engine.stages.fused import Fused
from risk.engine.stages.hold import NOTHING_READ
from risk.engine.stages.keyed import KeyedStage
from risk.engine.stages.parcel import Parcel, decode, encode, shard_of
from risk.engine.stages.sharded import Addressed, DeviceShard, IpShard, KeyShard, UserShard
from tests.unit.engine.features.declared.declarations import declarations, verdict_declarations
from tests.unit.engine.stages.test_verdicts import logs
from tests.unit.streams import quiet, reading, records

PARTITIONS = 3
Event = tuple[str, int]  # an id may come again, much later
Values = dict[Event, dict[str, FeatureValue]]
Settled = dict[Event, tuple[int, dict[str, FeatureValue]]]
Channel = tuple[str, int, int]  # stage, from, to


class Cluster:
    """Every shard of every stage, and a queue from each to each shard of the next stage."""

    def __init__(
        self,
        shards: int,
        rng: Random,
        features: FeatureSet = BUILT_IN,
        log: Sequence[Logged] = (),
    ) -> None:
        self.shards, self.rng, self.features, self.log = shards, rng, features, log
        self.heard = [0] * shards
        self.stores: defaultdict[tuple[str, int, str], MemoryStore] = defaultdict(MemoryStore)
        self.channels: defaultdict[Channel, deque[str]] = defaultdict(deque)
        self.scorables: list[Scorable] = []
        self.settled: Settled = {}
        self.late: Values = {}
        self.start()

    def start(self) -> None:
        """Make all parts anew, over the state that there is."""

        def store(part: str, shard: int, stage: str) -> Store:
            return self.stores[part, shard, stage]

        n = self.shards
        self.users, self.ips, self.devices = [], [], []
        self.keys: list[list[KeyShard]] = [[] for _ in self.features.keys]
        own = self.features
        for s in range(n):
            part = reading(p for p in range(PARTITIONS) if p % n == s)
            self.users.append(
                UserShard(lambda g, s=s: store("u", s, g), s, n, part, own)  # type: ignore[misc]
            )
            if own.of_verdicts:
                self.users[s].feedback.take(self.log[: self.heard[s]], NOTHING_READ)
            self.ips.append(IpShard(lambda g, s=s: store("i", s, g), s, n, own))  # type: ignore[misc]
            for number, shards in enumerate(self.keys):
                name = f"key{number}"
                shards.append(
                    KeyShard(lambda g, s=s, k=name: store(k, s, g), s, n, own, number)  # type: ignore[misc]
                )
            self.devices.append(
                DeviceShard(lambda g, s=s: store("d", s, g), n, features=own)  # type: ignore[misc]
            )

    def read(self, raws: list[Raw]) -> None:
        """Records come in, of one partition."""
        shard = raws[0].partition % self.shards
        self._send("ip", shard, self.users[shard].on_batch(raws).parcels)
        appended = self.users[shard].feedback.appended
        self._take(shard, sum(one.append_time <= appended for one in self.log), appended)

    def _take(self, shard: int, upto: int, appended: int) -> None:
        """Each shard reads all feedback, in its own time."""
        if self.features.of_verdicts and (self.rng.random() < 0.5 or appended == FLUSH):
            first, self.heard[shard] = self.heard[shard], max(upto, self.heard[shard])
            new = self.log[first : self.heard[shard]]
            assert not self.users[shard].feedback.take(new, appended)

    def rest(self) -> None:
        self.latest = max(part.ingest.latest for part in self.users)
        for shard, part in enumerate(self.users):
            self._take(shard, len(self.log), FLUSH)
            self._send("ip", shard, part.on_idle(quiet(range(PARTITIONS), self.latest)).parcels)

    def step(self) -> bool:
        """Some of what one channel holds arrives."""
        waiting = [channel for channel, queue in self.channels.items() if queue]
        if not waiting:
            return False
        stage, _, shard = channel = self.rng.choice(waiting)
        queue = self.channels[channel]
        parcels: list[Parcel] = [
            decode(queue.popleft()) for _ in range(self.rng.randint(1, len(queue)))
        ]
        names = ["ip", *(f"key{number}" for number in range(len(self.keys))), "device"]
        at = names.index(stage)
        if stage == "ip":
            self._send(names[1], shard, self.ips[shard].on_batch(parcels))
        elif stage != "device":
            self._send(names[at + 1], shard, self.keys[at - 1][shard].on_batch(parcels))
        else:
            self._note(self.devices[shard].on_batch(parcels))
        return True

    def behind(self) -> int:
        stages: tuple[KeyedStage | DeclaredStages, ...] = (
            *(part.user for part in self.users),
            *(part.ip for part in self.ips),
            *(part.device for part in self.devices),
            *(part.declared for shards in self.keys for part in shards),
        )
        return sum(stage.behind_frontier for stage in stages)

    def _send(self, stage: str, sender: int, parcels: Addressed) -> None:
        for shard, parcel in parcels:
            self.channels[stage, sender, shard].append(encode(parcel))

    def _note(self, scorables: list[Scorable]) -> None:
        for txn, features, revision, _, late, _changed in scorables:
            event = txn.event_id, txn.event_time
            if late:  # maybe a copy of what was scored, and forgotten since
                self.late[event] = features.by_name()
                continue
            before = self.settled.get(event)
            assert (before is None) == (revision == 0)
            assert before is None or before[1] != features.by_name()
            self.settled[event] = revision, features.by_name()


def fused(
    raws: list[Raw], features: FeatureSet = BUILT_IN, log: Sequence[Logged] = ()
) -> tuple[Values, Values]:
    """The last features of each scored event, and those of each late one."""
    stores: defaultdict[str, MemoryStore] = defaultdict(MemoryStore)
    stages = Fused(lambda stage: stores[stage], reading(range(PARTITIONS)), features=features)
    scored: Values = {}
    alone: Values = {}
    if features.of_verdicts:
        stages.feedback.take(log, FLUSH)
    for result in (stages.on_batch(raws), stages.on_idle(quiet(range(PARTITIONS)))):
        for txn, found, _, _, late, _changed in result.scorables:
            (alone if late else scored)[txn.event_id, txn.event_time] = found.by_name()
    return scored, alone


@settings(max_examples=150, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(records(PARTITIONS), st.integers(1, 3), st.integers(0, 2**32), st.floats(0, 0.3))
def test_any_pace_of_any_channel_gives_the_fused_answers(
    raws: list[Raw], shards: int, seed: int, crashes: float
) -> None:
    agree(raws, shards, seed, crashes, BUILT_IN)


@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    records(PARTITIONS),
    st.integers(1, 3),
    st.integers(0, 2**32),
    st.floats(0, 0.3),
    declarations(),
)
def test_any_number_of_declared_keys_gives_the_fused_answers(
    raws: list[Raw], shards: int, seed: int, crashes: float, ones: list[Declaration]
) -> None:
    agree(raws, shards, seed, crashes, FeatureSet(ones))


@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    st.data(),
    records(PARTITIONS),
    st.integers(1, 3),
    st.integers(0, 2**32),
    st.floats(0, 0.3),
    verdict_declarations(),
)
def test_verdicts_give_the_fused_answers(
    data: st.DataObject,
    raws: list[Raw],
    shards: int,
    seed: int,
    crashes: float,
    ones: list[Declaration],
) -> None:
    log = data.draw(logs(raws, all_early=True))
    agree(raws, shards, seed, crashes, FeatureSet(ones), log)


def agree(
    raws: list[Raw],
    shards: int,
    seed: int,
    crashes: float,
    features: FeatureSet,
    log: Sequence[Logged] = (),
) -> None:
    rng = Random(seed)
    cluster = Cluster(shards, rng, features, log)
    queues = [deque(r for r in raws if r.partition == p) for p in range(PARTITIONS)]
    while any(queues):
        queue = rng.choice([queue for queue in queues if queue])
        cluster.read([queue.popleft() for _ in range(rng.randint(1, min(5, len(queue))))])
        while rng.random() < 0.7 and cluster.step():
            if rng.random() < crashes:
                cluster.start()
    while cluster.step():
        pass
    cluster.rest()
    while cluster.step():
        if rng.random() < crashes:
            cluster.start()
    assert cluster.behind() == 0
    settled = {event: known for event, (_, known) in cluster.settled.items()}
    assert (settled, cluster.late) == fused(raws, features, log)
    assert max((revision for revision, _ in cluster.settled.values()), default=0) <= 1


def test_shards_are_the_same_for_ever() -> None:
    assert [shard_of(key, 4) for key in ("10.0.0.1", "d1", "ü", "")] == [3, 2, 1, 0]
