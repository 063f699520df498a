"""Publishes a schedule, in a process of its own so that nothing else holds it up.

The loop is open: it never waits for an answer, and what is late is sent at once. Latencies count
from the schedule, so that a stall of anything shows in all events that had to wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

import msgspec
from confluent_kafka import Producer

from generator.partition import PARTITIONER
from generator.partition import partition as partition_of
from risk.bench.schedule import Due
from risk.bench.stats import Latency, latency

SLEEP_S = 0.0005  # below this it is not worth sleeping


class Published(msgspec.Struct, frozen=True):
    """How well the schedule was kept, and what the broker didn't take."""

    behind: Latency
    failed: int


def publish(
    config: dict[str, Any], topic: str, partitions: int, dues: Sequence[Due], pipe: Connection
) -> None:
    """Say "ready"; take the start, in seconds of the monotonic clock; publish; say `Published`."""
    producer = Producer(
        {**config, "linger.ms": 0, "acks": "all", "partitioner": PARTITIONER, "retries": 5}
    )
    producer.list_topics(topic, timeout=20)
    failed = 0

    def delivered(error: object, _: object) -> None:
        nonlocal failed
        failed += error is not None

    pipe.send("ready")
    start: float = pipe.recv()
    behind = []
    for due in dues:
        at = start + due.at
        while (left := at - time.monotonic()) > SLEEP_S:
            producer.poll(min(left, 0.01))
        where = partition_of(due.value, partitions) if due.key is None else -1
        producer.produce(topic, due.value, due.key, where, on_delivery=delivered)
        behind.append(max(0.0, time.monotonic() - at))
    left_over = producer.flush(20)
    pipe.send(Published(latency(behind), failed + left_over))
