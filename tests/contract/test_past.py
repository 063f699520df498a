"""From when on a job has read all payments, by what the broker still holds."""

from __future__ import annotations

import time

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.kafka.client import client_config
from risk.kafka.ranges import resolve
from risk.kafka.scan import read_all
from risk.ops.past import read_since
from tests.topics import Sent, send

pytestmark = pytest.mark.stack


@pytest.fixture
def held(kafka: Settings) -> Settings:
    """With a topic of two partitions, of five records each."""
    name = f"past-{time.time_ns():x}"
    admin = AdminClient(client_config(kafka.kafka))
    as_ours = {"message.timestamp.type": "LogAppendTime", "compression.type": "uncompressed"}
    admin.create_topics([NewTopic(name, 2, 1, config=as_ours)])[name].result(20)
    for number in range(5):
        for partition in (0, 1):
            send(kafka, name, [Sent(b"u", str(number).encode())], partition)
    return replace(kafka, topics=replace(kafka.topics, transactions=name))


def cut(held: Settings, partition: int, offset: int) -> None:
    """Delete what is before an offset."""
    admin = AdminClient(client_config(held.kafka))
    place = TopicPartition(held.topics.transactions, partition, offset)
    admin.delete_records([place])[place].result(20)


def since(held: Settings, start: str) -> int | None:
    span = resolve(held.kafka, held.topics.transactions, "past", start, None)
    return read_since(held, span, start)


def appended(held: Settings) -> dict[tuple[int, int], int]:
    return {
        (one.partition(), one.offset()): one.timestamp()[1]
        for one in read_all(held, held.topics.transactions)
    }


def test_who_reads_from_the_first_record_knows_all(held: Settings) -> None:
    assert since(held, "earliest") is None
    assert since(held, "group") is None
    assert since(held, "0:0,1:0") is None


def test_who_was_told_a_time_knows_nothing_from_before(held: Settings) -> None:
    ahead = held.scoring.future_ms
    assert since(held, "1000000000000") == 1_000_000_000_000 + ahead
    cut(held, 1, 3)  # so long ago nothing is left any more
    assert since(held, "1000000000000") == appended(held)[1, 3] + ahead


def test_what_was_deleted_is_not_known(held: Settings) -> None:
    when, ahead = appended(held), held.scoring.future_ms
    cut(held, 0, 2)
    assert since(held, "earliest") == when[0, 2] + ahead
    cut(held, 1, 3)
    assert since(held, "earliest") == when[1, 3] + ahead
    assert since(held, "0:4,1:3") == when[0, 4] + ahead
    before = time.time_ns() // 1_000_000
    cut(held, 0, 5)  # all of it, and nobody knows until when
    found = since(held, "earliest")
    assert found is not None
    assert found >= before + ahead
