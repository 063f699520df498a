"""A producer whose message timed out is replaced; what else it had on its way is still reported."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter

import pytest
from confluent_kafka import KafkaError, Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from generator.renewed import RenewedProducer
from risk.config.settings import Settings
from risk.kafka.client import client_config
from risk.stack.process import Home, alive
from risk.waiting import until

pytestmark = pytest.mark.stack
PATIENCE_S = 60.0
SOON, LATER = 1_000, 60_000  # ms after which a message of a client times out


def test_after_a_time_out_there_is_another_client(kafka: Settings, home: Home) -> None:
    topic = f"renewed-{time.time_ns():x}"
    admin = AdminClient(client_config(kafka.kafka))
    admin.create_topics([NewTopic(topic, 1)])[topic].result()
    timeouts = iter((SOON, LATER, LATER))
    producer = RenewedProducer(
        lambda: Producer({**client_config(kafka.kafka), "message.timeout.ms": next(timeouts)})
    )
    reports: Counter[str] = Counter()

    def told(error: KafkaError | None, message: Message) -> None:
        reports["failed" if error else "sent"] += 1
        if error:
            producer.failed(error, message)

    def send() -> None:
        producer.current.produce(topic, b"x", on_delivery=told)

    def reported(**counts: int) -> bool:
        producer.poll(0.1)
        return reports == counts

    first = producer.current
    pid = alive(home, "kafka")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        send()
        send()
        assert until(lambda: reported(failed=2), PATIENCE_S)
        second = producer.current
        assert second is not first, "the client is the one whose message timed out"
        send()
        assert len(producer) == 1
    finally:
        os.kill(pid, signal.SIGCONT)
    assert until(lambda: reported(failed=2, sent=1), PATIENCE_S)
    assert producer.current is second, "of an earlier client's messages none replaces a later one"
    assert len(producer) == 0
