"""A record that is small only as long as it is compressed: the broker refuses it, and lives."""

from __future__ import annotations

import time

import pytest
from confluent_kafka import KafkaError, Producer

from risk.config.settings import Settings
from risk.kafka.client import client_config
from risk.stack.process import Home, alive
from tests.pipeline import with_own_topics
from tests.topics import Sent, read, send

pytestmark = pytest.mark.stack
MB = 1_000_000


def test_the_limit_holds_for_what_is_in_it(kafka: Settings, home: Home) -> None:
    settings = with_own_topics(kafka, f"compressed-{time.time_ns():x}")
    topic, broker = settings.topics.transactions, alive(home, "kafka")
    assert broker is not None
    for codec in ("gzip", "zstd", "lz4"):
        producer = Producer(
            {
                **client_config(settings.kafka),
                "compression.type": codec,
                "message.max.bytes": 1_000 * MB,
                "message.timeout.ms": 60_000,
            }
        )
        for size in (3 * MB, 30 * MB, 300 * MB):
            errors: list[KafkaError | None] = []
            value = bytes(size)
            producer.produce(topic, value, on_delivery=lambda error, _, e=errors: e.append(error))
            assert producer.flush(90) == 0, (codec, size)
            assert errors[0] is not None, (codec, size)
            assert not errors[0].retriable(), (codec, size, errors[0].str())
            assert alive(home, "kafka") == broker, (codec, size)
        good = [Sent(b"u", b" " * (MB // 10)) for _ in range(10)]
        producer.produce(topic, b" " * MB)
        assert producer.flush(60) == 0
        send(settings, topic, good)
    assert len(read(settings, topic)) == 3 * 11
