"""Topics in tests: what is written to them, what stands in them, how far a group has read."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from confluent_kafka import (
    KafkaError,
    Message,
    Producer,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from risk.config.settings import Settings
from risk.kafka.client import client_config
from risk.kafka.groups import committed
from risk.kafka.scan import offsets, read_all

TIMEOUT_S = 20.0
NONE: Mapping[str, bytes] = {}


class Sent(NamedTuple):
    """A record to send: key and value."""

    key: bytes | None
    value: bytes | None


class Position(NamedTuple):
    """Where a record stands."""

    partition: int
    offset: int


def send(
    settings: Settings,
    topic: str,
    records: Sequence[Sent],
    partition: int = -1,
    headers: Mapping[str, bytes] = NONE,
) -> list[Position]:
    """Send records in this order, and wait until the broker has them all; their places.

    They go to `partition`, or by their keys; each has these headers.
    """
    producer = Producer(
        {
            **client_config(settings.kafka),
            "acks": "all",
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "message.max.bytes": settings.kafka.max_record_bytes + 4096,
        }
    )
    positions: dict[int, Position] = {}

    def delivered(number: int, error: KafkaError | None, message: Message) -> None:
        assert error is None, error
        positions[number] = Position(message.partition(), message.offset())

    for number, record in enumerate(records):
        producer.produce(
            topic,
            record.value,
            record.key,
            partition,
            on_delivery=lambda error, message, n=number: delivered(n, error, message),
            headers=dict(headers),
        )
        producer.poll(0)
    assert producer.flush(TIMEOUT_S) == 0
    return [positions[number] for number in range(len(records))]


def read(settings: Settings, topic: str) -> list[Message]:
    """All that stands in a topic."""
    return list(read_all(settings, topic))


def count(settings: Settings, topic: str) -> int:
    """How many records there are in a topic."""
    return sum(high - low for low, high in offsets(settings, topic).values())


def lag(settings: Settings, group: str, topic: str) -> int:
    """How many records of a topic a consumer group has not committed yet."""
    bounds = offsets(settings, topic)
    done = committed(settings, group, topic)
    return sum(high - max(low, done.get(p, low)) for p, (low, high) in bounds.items())


def configure(admin: AdminClient, topic: str, name: str, value: str) -> None:
    """Set a topic's setting, and wait until the broker goes by it."""
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result(20)

    def there() -> bool:
        asked = ConfigResource(ResourceType.TOPIC, topic)
        return bool(admin.describe_configs([asked])[asked].result(20)[name].value == value)

    deadline = time.monotonic() + TIMEOUT_S
    while not there():
        assert time.monotonic() < deadline, f"{name} is not {value}"
        time.sleep(0.1)
