"""What topics still hold of a user, and until when: Kafka removes records by time alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from confluent_kafka import KafkaException, Producer
from msgspec.structs import asdict

from generator.publish import PRODUCER
from risk.config.settings import Settings
from risk.errors import StackError, UserError
from risk.kafka.client import client_config
from risk.kafka.quiet import SILENT
from risk.kafka.scan import offsets, read_all
from risk.kafka.topics import Retention, existing_topics, retention
from risk.ops.erasure.certificate import Remains

SEND_S: Final = 30.0
DAY_MS: Final = 86_400_000


def survey(settings: Settings, user_id: str, now: int, counted: bool) -> Iterator[Remains]:
    """What each topic holds under the user's key, and until when at most.

    Unless it is to be `counted`, which reads all topics, all of a topic is taken to be as young as
    `now`, in ms UTC. Raises `UserError`.
    """
    try:
        for topic in _topics(settings):
            kept = retention(settings, topic)
            records, last = _found(settings, topic, user_id) if counted else (None, now)
            if records != 0:
                yield Remains(topic, records, _until(kept, last), _why(kept))
    except StackError as error:
        raise UserError(str(error)) from None


def write_tombstones(settings: Settings, user_id: str) -> list[str]:
    """Write a tombstone to each compacted topic that has records of the user; their names.

    Not to that of payments: there a record without a payment would be one that is rejected.
    Raises `UserError`.
    """
    try:
        found = {
            topic: places
            for topic in _topics(settings)
            if topic != settings.topics.transactions
            and retention(settings, topic).compacted
            and (places := _with_value(settings, topic, user_id))
        }
        if found:
            producer = Producer({**client_config(settings.kafka), **SILENT, **PRODUCER})
            for topic, partitions in found.items():
                for partition in partitions:
                    producer.produce(topic, None, user_id.encode(), partition)
            if producer.flush(SEND_S):
                raise UserError(f"no answer from {settings.kafka.servers}: run it again")
    except StackError as error:
        raise UserError(str(error)) from None
    except KafkaException as error:
        raise UserError(f"kafka: {error.args[0].str()}") from None
    return list(found)


def _topics(settings: Settings) -> list[str]:
    """Those that are there, and have records of people."""
    every = asdict(settings.topics)
    del every["control"]
    there = existing_topics(settings)
    return [name for name in every.values() if name in there]


def _found(settings: Settings, topic: str, user_id: str) -> tuple[int, int]:
    """How many records have the user's key, and when the last of them was appended, in ms UTC."""
    key, records, last = user_id.encode(), 0, 0
    for message in read_all(settings, topic):
        if message.key() == key and message.value() is not None:
            records += 1
            last = max(last, message.timestamp()[1])
    return records, last


def _with_value(settings: Settings, topic: str, user_id: str) -> list[int]:
    """The partitions in which the user's last record says something.

    It may be more than one: a key has another partition once a topic has more of them.
    """
    key, last = user_id.encode(), {}
    for message in read_all(settings, topic, offsets(settings, topic)):
        if message.key() == key:
            last[message.partition()] = message.value() is not None
    return [partition for partition, says in last.items() if says]


def _until(kept: Retention, last: int) -> datetime | None:
    """When the last record is gone, at most: Kafka deletes whole segments."""
    if kept.compacted or kept.ms < 0:
        return None
    return datetime.fromtimestamp((last + kept.ms + kept.segment_ms) / 1000, UTC)


def _why(kept: Retention) -> str:
    if kept.compacted:
        return "compacted: they go when Kafka compacts the topic next, after the tombstone"
    if kept.ms < 0:
        return "kept without an end: set the topic's retention.ms"
    days, segment = kept.ms / DAY_MS, kept.segment_ms / DAY_MS
    return f"kept for {days:g} days, and up to {segment:g} more until their segment is full"
