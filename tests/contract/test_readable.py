"""Where records end, on a broker: transactions leave offsets without a record."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from cli import offsets as groups
from cli.topics import offsets, read_all
from flink_jobs.offsets import resolve
from flink_jobs.readable import nothing_left, reader, record_end
from risk.kafka_client import client_config
from risk.settings import Settings

pytestmark = pytest.mark.stack


@pytest.fixture
def topic(kafka: Settings) -> str:
    """A topic of one partition."""
    name = f"readable-{time.time_ns():x}"
    admin = AdminClient(client_config(kafka.kafka))
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(20)
    return name


@pytest.fixture
def consumer(kafka: Settings) -> Iterator[Consumer]:
    found = reader(kafka.kafka, "readable")
    yield found
    found.close()


def transact(kafka: Settings, topic: str, count: int, commit: bool = True) -> None:
    """A transaction of so many records."""
    producer = Producer({**client_config(kafka.kafka), "transactional.id": topic})
    producer.init_transactions(20)
    producer.begin_transaction()
    for number in range(count):
        producer.produce(topic, str(number).encode(), partition=0)
    producer.flush(20)
    (producer.commit_transaction if commit else producer.abort_transaction)(20)


def test_markers_and_what_was_aborted_are_no_records(
    kafka: Settings, topic: str, consumer: Consumer
) -> None:
    transact(kafka, topic, 3)  # offsets 0 to 2, its marker 3
    transact(kafka, topic, 200, commit=False)  # 4 to 203, 204
    assert offsets(kafka, topic) == {0: (0, 205)}
    assert record_end(consumer, topic, 0, 0, 205) == 3
    assert record_end(consumer, topic, 0, 0, 2) == 2  # that of a part of it
    assert not nothing_left(consumer, topic, 0, 2, 205)
    assert nothing_left(consumer, topic, 0, 3, 205)
    assert nothing_left(consumer, topic, 0, 205, 205)
    assert len(list(read_all(kafka, topic))) == 3
    # What waits for all records waits for no more than these,
    assert groups.ends(kafka, topic) == {0: 3}
    # and a bounded run ends behind the last that there is.
    bounded = resolve(kafka.kafka, topic, "readable", "earliest", "latest")
    assert (bounded.end, bounded.high) == ({0: 3}, {0: 3})
    assert resolve(kafka.kafka, topic, "readable", "earliest", None).high == {0: 205}
    transact(kafka, topic, 1)
    assert not nothing_left(consumer, topic, 0, 3, 207)
    assert record_end(consumer, topic, 0, 0, 207) == 206


def test_a_topic_without_any_record(kafka: Settings, topic: str, consumer: Consumer) -> None:
    assert record_end(consumer, topic, 0, 0, 0) == 0
    assert groups.ends(kafka, topic) == {}
    transact(kafka, topic, 2, commit=False)
    assert record_end(consumer, topic, 0, 0, 3) == 0
    assert nothing_left(consumer, topic, 0, 0, 3)
