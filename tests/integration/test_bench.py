"""The benchmarks on the real stack, small; and the baseline held to the oracle."""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import replace

from generator.config import StreamConfig
from generator.stream import records
from risk.bench import kafka as bench_kafka
from risk.bench.accuracy import accuracy
from risk.bench.backlog import publish
from risk.bench.jobs import BASELINE
from risk.cli.benchmarks.cluster import Cluster
from risk.config.names import BENCH_TOPICS
from risk.config.settings import Settings
from risk.kafka.topics import existing_topics
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from risk.stack.process import Home
from tests.pipeline import risk, until

IN_ORDER = StreamConfig(
    start_time=1_735_732_800_000,
    rate=20,
    duration_s=150,
    users=2_000,
    out_of_order=0,
    duplicates=0,
    malformed=0,
    late=0,
    open_share=0,
)
RULESET = Path("rules/default")


def test_the_baseline_agrees_with_the_oracle_on_a_stream_in_order(
    flink: Settings, kafka: Settings, home: Home
) -> None:
    one = replace(
        flink,
        kafka=replace(flink.kafka, partitions=1),  # more are read in no order of event time
        topics=bench_kafka.topics("test"),
    )
    topics, group = one.topics, "risk.bench.test"
    args = ["--ruleset", str(RULESET), "--group", group]
    with bench_kafka.created(one, (topics.transactions, topics.scores, topics.late)):
        publish(one, topics.transactions, records(IN_ORDER))
        with Cluster(home).running(one, BASELINE, args, {}):
            until(
                lambda: bench_kafka.ends(one, topics.scores) == {0: IN_ORDER.events},
                "all events are scored",
            )
        start = IN_ORDER.start_time
        found = accuracy(one, read_folder(ROOT / RULESET), start, start + 150_000)
    assert found.events == IN_ORDER.events
    assert (found.wrong, found.missing, found.extra) == (0, 0, 0)


def test_throughput_prints_one_object_and_leaves_nothing_behind(
    flink: Settings, kafka: Settings
) -> None:
    few = ("--rate", "5", "--events", "80000", "--warmup", "1", "--seconds", "3")
    done = risk(flink, "bench", "throughput", "--json", *few)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["benchmark"] == "throughput"
    assert found["events_per_s"] > 0
    assert found["ratio"] == round(found["events_per_s"] / found["baseline_events_per_s"], 2)
    engine, baseline = found["runs"]
    assert (engine["name"], baseline["name"]) == ("engine", "baseline")
    for run in (engine, baseline):
        assert run["window"]["seconds"] == 3
        assert run["window"]["begin_s"] >= 1
        assert run["checkpoints"]["failed"] == 0
    assert found["asked"]["events"] == 80_000
    assert found["machine"]["cores"] > 0
    assert found["machine"]["versions"]["kafka"]
    assert found["settings"]["postgres"]["password"] is None
    assert not [n for n in existing_topics(flink) if n.startswith(BENCH_TOPICS)]
