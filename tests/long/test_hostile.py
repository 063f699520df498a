"""Hostile to a job in another placement, and to one that lay still: it goes on, and is exact."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from risk.config import metric_names as names
from risk.config.settings import Settings
from risk.engine.payment.transaction import encode
from risk.kafka.client import client_config
from risk.kafka.groups import committed
from risk.kafka.scan import offsets
from risk.ops import jobs
from risk.stack.flink_rest import FlinkRest
from risk.stack.process import Home
from risk.verify.verification import verify
from tests.hostile import ERRORS, RULES, payment, record, running, touchy
from tests.pipeline import SETTLE_S, risk, until, with_own_topics
from tests.project import submit_score
from tests.topics import Sent


def test_so_it_is_where_stages_are_operators(
    kafka: Settings, flink: Settings, home: Home, tmp_path: Path
) -> None:
    """The letter comes by way of the last one; too large is too large for the first one, too."""
    settings = with_own_topics(flink, f"apart-{time.time_ns():x}")
    good = [payment(f"good-{n}", f"user-{n % 5}") for n in range(20)]
    mixed = [*good[:10], payment("poison", "somebody"), *good[10:]]
    with running(settings, home, touchy(tmp_path / "touchy"), "--placement", "sharded") as scoring:
        positions = scoring.send(*map(record, mixed), Sent(b"u", b"x" * 1_000_000))
        scoring.exact()
        (_, told), (_, large) = scoring.letters([positions[10], positions[-1]])
        assert told[ERRORS + "stage"] == b"score.ip"
        assert told[ERRORS + "exception.class.name"] == b"internal_error"
        assert large["risk.value.size"] == b"1000000"


def test_what_was_deleted_before_it_was_read_is_counted(
    kafka: Settings, flink: Settings, home: Home
) -> None:
    """The job that went on without it says so, and so does whoever submits it again."""
    settings = with_own_topics(flink, f"deleted-{time.time_ns():x}")
    topic = settings.topics.transactions
    first_job = submit_score(settings, home).job
    producer = Producer(client_config(settings.kafka))
    txn = payment("last", "user-0")
    producer.produce(topic, encode(txn), txn.user_id, partition=0)
    assert producer.flush(20) == 0
    group, first = "risk-score-default", offsets(settings, topic)[0][1]
    until(lambda: committed(settings, group, topic).get(0) == first, "all is committed", 60)
    jobs.cancel(settings, first_job)
    for number in range(50):
        txn = payment(f"deleted-{number}", "user-0")
        producer.produce(topic, encode(txn), txn.user_id, partition=0)
    assert producer.flush(20) == 0
    admin = AdminClient(client_config(settings.kafka))
    cut = TopicPartition(topic, 0, first + 40)
    admin.delete_records([cut])[cut].result(20)
    submitted = submit_score(settings, home, "--start", "group")
    gone = f"partition 0: offsets {first} to {first + 39} were deleted before group {group}"
    assert gone in submitted.output
    rest = FlinkRest(settings.flink.url)
    try:
        until(lambda: lost(rest, submitted.job) == 40, "it is counted", 60)
        report = verify(settings, RULES, stores=(), wait_s=SETTLE_S)
        assert (report.mismatches, report.gone) == (0, {0: first + 40}), report.first
        assert report.unjudged > 0  # the scores of what is no longer there
        done = risk(settings, "verify", "--stores", "none", "--ruleset", "rules/default")
        assert done.returncode == 3, done.stderr
        assert f"partition 0: before {first + 40:,}" in done.stdout
    finally:
        jobs.cancel(settings, submitted.job)


def lost(rest: FlinkRest, job: str) -> int:
    """How many records the job has missed, by its metric."""
    total = 0
    for vertex in rest.get(f"/jobs/{job}")["vertices"]:
        path = f"/jobs/{job}/vertices/{vertex['id']}"
        ids = [str(m["id"]) for m in rest.get(f"{path}/metrics") if names.LOST.name in m["id"]]
        if ids:
            total += sum(int(float(v)) for v in rest.metrics(path, *map(quote, ids)).values())
    return total
