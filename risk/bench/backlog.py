"""A topic full of a stream's records, which several runs read one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from confluent_kafka import Producer

from generator.config import StreamConfig
from generator.partition import PARTITIONER
from generator.partition import partition as partition_of
from generator.record import Record
from generator.stream import records
from risk.bench import kafka
from risk.bench.kafka import TIMEOUT_S
from risk.config.names import BENCH_TOPICS
from risk.config.settings import Settings
from risk.errors import StackError
from risk.kafka.client import client_config
from risk.kafka.topics import delete_topics, existing_topics


@contextmanager
def backlog(settings: Settings, config: StreamConfig, keep: bool = False) -> Iterator[str]:
    """The topic with all of the stream's records. It is removed in the end, unless to `keep`.

    One that was kept is found again by its name, which tells the stream.
    """
    users, seconds = config.population, round(config.duration_s)
    name = f"{BENCH_TOPICS}backlog.r{config.rate:g}.u{users}.s{seconds}.seed{config.seed}"
    known = name in existing_topics(settings)
    if not (known and sum(kafka.ends(settings, name).values()) == config.events):
        kafka.make(settings, [name])
        publish(settings, name, records(config))
    try:
        yield name
    finally:
        if not keep:
            delete_topics(settings, [name])


def publish(settings: Settings, topic: str, source: Iterable[Record]) -> int:
    """Publish records in order, as fast as they come. How many there were."""
    producer = Producer(
        {
            **client_config(settings.kafka),
            "compression.type": "lz4",
            "linger.ms": 50,
            "acks": "all",
            "enable.idempotence": True,
            "partitioner": PARTITIONER,
            "queue.buffering.max.messages": 500_000,
        }
    )
    partitions = settings.kafka.partitions
    count = 0
    for count, record in enumerate(source, 1):
        where = partition_of(record.value, partitions) if record.key is None else -1
        while True:
            try:
                producer.produce(topic, record.value, record.key, where)
                break
            except BufferError:
                producer.poll(0.1)
        if not count % 1_000:
            producer.poll(0)
    if left := producer.flush(TIMEOUT_S):
        raise StackError(f"kafka: {left} records of {topic} were not taken")
    return count
