"""What earlier runs found late because of silence, read again from risk.late."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient
from msgspec import structs

from flink_jobs.intake import Intake
from flink_jobs.messages import late_lines
from risk.config.settings import Settings
from risk.engine.messages import Behind
from risk.engine.payment.transaction import Transaction, encode
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.feedback import Feedback
from risk.engine.stages.ingest import Ingest
from risk.engine.stages.ingested import TooLate
from risk.kafka.client import client_config
from risk.kafka.readable import reader, records
from risk.kafka.recorded_late import late_by
from tests.pipeline import transaction, with_own_topics
from tests.topics import Position, Sent, send
from tests.unit.flink_jobs.test_decisions import PLAN
from tests.unit.streams import reading

pytestmark = pytest.mark.stack


@pytest.fixture
def apart(kafka: Settings) -> Settings:
    """Topics of a test's own."""
    return with_own_topics(kafka, f"recorded-{time.time_ns():x}")


@pytest.fixture
def consumer(kafka: Settings) -> Iterator[Consumer]:
    found = reader(kafka.kafka, "recorded")
    yield found
    found.close()


def payments(settings: Settings, count: int) -> list[tuple[Position, Transaction]]:
    now = time.time_ns() // 1_000_000
    sent = [transaction(f"e{n}", f"user-{n}", now) for n in range(count)]
    records = [Sent(txn.user_id.encode(), encode(txn)) for txn in sent]
    return list(zip(send(settings, settings.topics.transactions, records), sent, strict=True))


def note(
    settings: Settings, place: Position, txn: Transaction, late: int, behind: Behind = "frontier"
) -> None:
    """A run finds a payment late."""
    raw = Raw(*place, txn.event_time, txn.user_id.encode(), b"")
    (line,) = late_lines([TooLate(raw, txn, late, behind)], "run")
    value = line[line.index("{") :].encode()
    send(settings, settings.topics.late, [Sent(txn.user_id.encode(), value)])


def test_only_what_silence_hid_and_is_yet_to_be_read(apart: Settings) -> None:
    sent = payments(apart, 30)
    starts = dict.fromkeys(range(apart.kafka.partitions), 0)
    assert late_by(apart, starts) == {}
    (first, a), (second, b), (third, c), *_ = sent
    note(apart, first, a, 70)
    note(apart, second, b, 80)
    note(apart, third, c, 90, "partition")
    send(apart, apart.topics.late, [Sent(b"u", b"no message"), Sent(b"u", None)])
    wanted: dict[int, dict[int, int]] = {}
    for place, late in ((first, 70), (second, 80)):
        wanted.setdefault(place.partition, {})[place.offset] = late
    assert late_by(apart, starts) == wanted
    read = starts | {first.partition: first.offset + 1}
    assert first.offset not in late_by(apart, read).get(first.partition, {})
    assert late_by(apart, dict.fromkeys(starts, 30)) == {}


def test_it_is_asked_for_once_in_an_operators_life(apart: Settings) -> None:
    """Where state is loaded again after a failed batch, what it judges by is the same."""
    (place, txn), (other, later), *_ = payments(apart, 10)
    note(apart, place, txn, 70)
    partitions = range(apart.kafka.partitions)
    starts = dict.fromkeys(partitions, 0)
    intake = Intake(replace(PLAN, settings=apart, starts=starts), 0, lambda _: None)
    try:
        for _ in range(2):
            ingest = Ingest(MemoryStore(), reading(partitions))
            intake.begin(ingest, Feedback(None), MemoryStore())
            note(apart, other, later, 80)  # what this run itself says, after it has read it
            raws = [
                Raw(*at, one.event_time, one.user_id.encode(), encode(one))
                for at, one in ((place, txn), (other, later))
            ]
            assert [late.txn.event_id for late in ingest.on_batch(raws).late] == [txn.event_id]
    finally:
        intake.close()


def test_partitions_are_read_to_their_end(apart: Settings, consumer: Consumer) -> None:
    topic = apart.topics.transactions
    sent = payments(apart, 40)
    by_partition: dict[int, list[int]] = {}
    for place, _ in sent:
        by_partition.setdefault(place.partition, []).append(place.offset)
    places = [TopicPartition(topic, p, 0) for p in range(apart.kafka.partitions)]
    found: dict[int, list[int]] = {}
    for message in records(consumer, places):
        found.setdefault(message.partition(), []).append(message.offset())
    assert found == by_partition
    firsts = [(m.partition(), m.offset()) for m in records(consumer, places, first=True)]
    assert sorted(firsts) == sorted((p, 0) for p in by_partition)
    assert list(records(consumer, [])) == []
    # What is no longer there is not waited for.
    gone = sent[0][0].partition
    admin = AdminClient(client_config(apart.kafka))
    cut = TopicPartition(topic, gone, len(by_partition[gone]))
    admin.delete_records([cut])[cut].result(20)
    assert {m.partition() for m in records(consumer, places)} == set(by_partition) - {gone}


def test_a_broker_that_says_nothing_is_waited_for_so_long(apart: Settings) -> None:
    nobody = structs.replace(apart.kafka, bootstrap="127.0.0.1:1")
    silent = reader(nobody, "recorded")
    place = TopicPartition(apart.topics.transactions, 0, 0)
    began = time.monotonic()
    assert list(records(silent, [place], 0.5)) == []
    assert 0.5 <= time.monotonic() - began < 5
    silent.close()
