"""What the jobs count, and how seldom they tell Flink."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flink_jobs.counters import Numbers
from flink_jobs.measures import LATENCY_S
from flink_jobs.messages import Writer
from flink_jobs.metrics import (
    DeliveryMetrics,
    DeviceMetrics,
    IntakeMetrics,
    ScoringMetrics,
    ShardMetrics,
)
from risk.config import metric_names as names
from risk.config.metric_names import Metric, delivery, drift, exporter, generator, scoring
from risk.engine.delivery import Refused, Written
from risk.engine.features.catalogue import CATALOGUE, DEVICE
from risk.engine.rules import load
from risk.engine.stages.base import Item, MemoryStore, Raw
from risk.engine.stages.fused import Fused
from risk.engine.stages.parcel import Parcel
from risk.engine.stages.sharded import DeviceShard, IpShard, UserShard
from tests.unit.streams import START, quiet, raw, reading, records, transaction

ROOT = Path(__file__).parents[3]
SCOPE = "flink_taskmanager_job_task_operator"


class Counted:
    """One of Flink's counters."""

    def __init__(self) -> None:
        self.count = 0
        self.calls = 0

    def inc(self, n: int) -> None:
        self.count += n
        self.calls += 1


class Group:
    """A metric group: names as the Prometheus reporter makes them, labels from its pairs."""

    def __init__(self) -> None:
        self.counters: dict[tuple[str, tuple[tuple[str, str], ...]], Counted] = {}
        self._scope, self._labels = SCOPE, ()

    def add_group(self, name: str, extra: str | None = None) -> Group:
        found = Group()
        found.counters = self.counters
        found._scope = f"{self._scope}_{name}"
        found._labels = (*self._labels, *([(name, extra)] if extra else []))  # type: ignore[assignment]
        return found

    def counter(self, name: str) -> Counted:
        key = f"{self._scope}_{name}", self._labels
        assert key not in self.counters, "Flink ignores a second counter of the same name"
        return self.counters.setdefault(key, Counted())

    def values(self, metric: Metric) -> dict[tuple[str, ...], int]:
        """The values of a metric's series, by its labels."""
        return {
            tuple(value for _, value in labels): counted.count
            for (name, labels), counted in self.counters.items()
            if name == metric.exported
        }

    @property
    def calls(self) -> int:
        return sum(counted.calls for counted in self.counters.values())


def ruleset() -> Any:
    folder = ROOT / "rules" / "default"
    return load(
        {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in folder.rglob("*.yaml")}
    )


RULESET = ruleset()


class Job:
    """The fused operator without Flink."""

    def __init__(self) -> None:
        self.group = Group()
        starts = {0: 0, 1: 0}
        self.stages = Fused(lambda _: MemoryStore(), reading(starts))
        self.metrics = ScoringMetrics(self.group, lambda: [(0, self.stages)])
        self.writer = Writer(RULESET, "run-1", tally=self.metrics.judgements)

    def batch(self, raws: list[Raw]) -> None:
        result = self.stages.on_batch(raws)
        self.writer.decisions(result.scorables, 0)
        self.metrics.batch(raws, 0.002, result)

    def rest(self) -> None:
        self.writer.decisions(self.stages.on_idle(quiet((0, 1))).scorables, 0)
        self.metrics.flush()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records(), st.integers(1, 20))
def test_every_record_has_one_outcome(raws: list[Raw], size: int) -> None:
    job = Job()
    for at in range(0, len(raws), size):
        job.batch(raws[at : at + size])
    job.rest()
    values = job.group.values
    outcomes = values(names.RECORDS)
    assert sum(outcomes.values()) == len(raws) == values(names.CONSUMED)[()]
    assert sum(values(names.PARTITION_RECORDS).values()) == len(raws)
    assert sum(values(names.DECISIONS).values()) == outcomes["scored",] + outcomes["late",]
    assert values(names.EVENT_TO_SCORE)["+Inf",] == len(raws)
    assert values(names.BATCHES)[()] == values(names.BATCH_SECONDS)["+Inf",]
    assert values(names.CORRECTIONS)[()] == job.stages.decide.corrections
    assert values(names.BEHIND_FRONTIER)[()] == 0
    assert values(names.SHARDS_SETTLED)[()] == 1
    assert values(names.STATE_ENTRIES)["user", "awake"] == job.stages.user.sizes()["awake"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records(), st.integers(1, 20))
def test_the_sharded_operators_count_the_same(raws: list[Raw], size: int) -> None:
    shards, groups = 2, [Group(), Group(), Group()]
    users = [UserShard(lambda _: MemoryStore(), n, shards, reading([n])) for n in range(shards)]
    ips = [IpShard(lambda _: MemoryStore(), n, shards) for n in range(shards)]
    devices = [DeviceShard(lambda _: MemoryStore(), shards) for _ in range(shards)]
    user = IntakeMetrics(groups[0], lambda: list(enumerate(users)), shards)
    ip = ShardMetrics(groups[1], lambda: list(enumerate(ips)), shards)
    device = DeviceMetrics(groups[2], lambda: list(enumerate(devices)), shards)
    writer = Writer(RULESET, "run-1", tally=device.judgements)

    def pass_on(addressed: list[tuple[int, Parcel]]) -> None:
        for shard, parcel in addressed:
            sent = ips[shard].on_batch([parcel])
            ip.batch(shard, [parcel], 0.001)
            for other, found in sent:
                writer.decisions(devices[other].on_batch([found]), 0)
                device.batch(other, [found], 0.001)

    for at in range(0, len(raws), size):
        for shard, part in enumerate(users):
            batch = [one for one in raws[at : at + size] if one.partition == shard]
            result = part.on_batch(batch)
            user.batch(batch, 0.001, result)
            pass_on(result.parcels)
    latest = max((part.ingest.latest for part in users), default=-1)
    for shard, part in enumerate(users):
        pass_on(part.on_idle(quiet([shard], latest)).parcels)
    for metrics in (user, ip, device):
        metrics.flush()
    outcomes = groups[0].values(names.RECORDS)
    assert sum(outcomes.values()) == groups[0].values(names.CONSUMED)[()] == len(raws)
    decided = outcomes["scored",] + outcomes["late",]
    assert sum(groups[1].values(names.EVENTS).values()) == decided
    assert sum(groups[2].values(names.EVENTS).values()) == decided
    assert sum(groups[2].values(names.DECISIONS).values()) == decided
    assert groups[2].values(names.EVENT_TO_SCORE)["+Inf",] == decided
    assert groups[2].values(names.SHARDS_SETTLED)[()] == shards
    for group in groups:
        assert group.values(names.BEHIND_FRONTIER)[()] == 0


def test_the_last_batch_is_told_at_once_if_it_settles_all() -> None:
    """A bounded run's last parcel holds events as well, and no other comes after it."""
    group = Group()
    parts = [DeviceShard(lambda _: MemoryStore(), 1) for _ in range(2)]
    metrics = DeviceMetrics(group, lambda: list(enumerate(parts)), 2)
    before = tuple(0 for feature in CATALOGUE if feature.key != DEVICE)
    for shard, part in enumerate(parts):
        item = Item(transaction(shard), before)
        last = Parcel(0, START, settle_all=True, items=[item], corrections=[])
        part.on_batch([last])
        metrics.batch(shard, [last], 0.001)
    assert group.values(names.SHARDS_SETTLED)[()] == 2
    assert sum(group.values(names.EVENTS).values()) == 2


def test_rejects_by_reason_and_hits_by_rule() -> None:
    job = Job()
    broken = Raw(0, 0, START, b"u1", b"{")
    empty = Raw(0, 1, START, b"u1", None)
    home, abroad = transaction(1), transaction(2, country="VE", event_time=START + 1)
    job.batch([broken, broken, empty, raw(home, 2), raw(abroad, 3)])
    job.rest()
    assert job.group.values(names.REJECTED) == {("not_json",): 2, ("empty",): 1}
    hits = {rule: n for (*_, rule), n in job.group.values(names.RULE_HITS).items() if n}
    assert hits == {"high_risk_country": 1}
    assert {labels[:2] for labels in job.group.values(names.RULE_HITS)} == {
        ("live", f"default:{RULESET.version}")
    }
    assert {rule for *_, rule in job.group.values(names.RULE_HITS)} == {
        rule.id for rule in RULESET.rules
    }


def test_the_frontier_is_seconds_of_event_time() -> None:
    job = Job()
    assert job.group.values(names.FRONTIER) == {}
    job.batch([raw(transaction(1), 0, 0), raw(transaction(2), 0, 1)])
    job.metrics.flush()
    assert job.group.values(names.FRONTIER) == {("0",): (START - 30_001) // 1000}


def test_flink_is_told_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    job = Job()
    job.batch([raw(transaction(0), 0)])
    told = job.group.calls
    for number in range(1, 50):
        job.batch([raw(transaction(number), number)])
    assert job.group.calls == told
    now += 1.0
    job.batch([raw(transaction(50), 50)])
    assert told < job.group.calls < told + 100
    assert job.group.values(names.RECORDS)["scored",] == 51


@given(st.lists(st.floats(-1, 100)))
def test_a_histogram_counts_what_is_within_each_bound(seconds: list[float]) -> None:
    group = Group()
    numbers = Numbers(group)
    histogram = numbers.histogram(names.EVENT_TO_SCORE, LATENCY_S)
    for value in seconds:
        histogram.observe(value)
    numbers.flush()
    numbers.flush()
    values = group.values(names.EVENT_TO_SCORE)
    assert values == {
        (end,): sum(1 for value in seconds if value <= float(end)) for (end,) in values
    }
    assert list(values)[-1] == ("+Inf",)


def test_a_gauge_may_fall() -> None:
    group = Group()
    numbers = Numbers(group)
    entries = numbers.number(names.STATE_ENTRIES, "user", "awake")
    for value in (3, 1, 7):
        entries.value = value
        numbers.flush()
        assert group.values(names.STATE_ENTRIES) == {("user", "awake"): value}


def test_deliveries_are_told_at_once() -> None:
    group = Group()
    metrics = DeliveryMetrics(group, "redis")
    metrics.retried()
    metrics.blocked(1.5)
    assert group.values(names.WRITE_RETRIES) == {("redis",): 1}
    assert group.values(names.DELIVERY_BLOCKED) == {("redis",): 1_500}
    metrics.blocked(0)
    assert group.values(names.DELIVERY_BLOCKED) == {("redis",): 0}
    refused = (Refused(0, "why"),)
    metrics.batch(Written(5, 2, refused, erased=4), dead=1, ignored=3, seconds=0.02)
    assert group.values(names.ROWS) == {
        ("redis", "written"): 5,
        ("redis", "older"): 2,
        ("redis", "dead_lettered"): 1,
        ("redis", "ignored"): 3,
        ("redis", "erased"): 4,
    }
    buckets = group.values(names.WRITE_SECONDS)
    assert (buckets["redis", "0.01"], buckets["redis", "0.025"], buckets["redis", "+Inf"]) == (
        0,
        1,
        1,
    )


def test_every_name_follows_the_conventions() -> None:
    every = (*names.SCORING, *names.DELIVERY, *names.EXPORTER, *names.DRIFT, *names.GENERATOR)
    assert max(Counter(metric.exported for metric in every).values()) == 1
    declared = {value for value in vars(names).values() if isinstance(value, Metric)}
    assert declared == set(every)
    for metric in every:
        assert (metric.kind == "counter") is metric.name.endswith("_total"), metric
        if metric.kind == "histogram":
            assert metric.name.endswith(("_seconds", "_bytes", "_records")), metric
        assert metric.help.endswith("."), metric


@pytest.mark.parametrize(
    ("module", "listed"),
    [
        (scoring, names.SCORING),
        (delivery, names.DELIVERY),
        (exporter, names.EXPORTER),
        (drift, names.DRIFT),
        (generator, names.GENERATOR),
    ],
)
def test_the_registry_has_every_metric(module: ModuleType, listed: tuple[Metric, ...]) -> None:
    defined = {key: value for key, value in vars(module).items() if isinstance(value, Metric)}
    assert defined.items() <= vars(names).items()
    assert set(listed) == set(defined.values())
    assert len(listed) == len(defined)
