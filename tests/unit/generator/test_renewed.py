"""That a client was replaced is logged and counted. Nobody listens where these clients send."""

from __future__ import annotations

import logging

import pytest
from confluent_kafka import KafkaError, Message, Producer

from generator.renewed import RenewedProducer
from risk.waiting import until

NOBODY = "127.0.0.1:1"
SOON = 10  # ms after which a message times out
PATIENCE_S = 30.0


def renewed() -> RenewedProducer:
    config = {"bootstrap.servers": NOBODY, "message.timeout.ms": SOON, "log_level": 0}
    return RenewedProducer(lambda: Producer(config))


def send(producer: RenewedProducer, message: bytes) -> None:
    def told(error: KafkaError | None, message: Message) -> None:
        assert error is not None
        producer.failed(error, message)

    producer.current.produce("topic", message, b"user-1", on_delivery=told)


def fail(producer: RenewedProducer, *messages: bytes) -> None:
    """Hand them over, and wait until all of them are reported."""
    for message in messages:
        send(producer, message)

    def reported() -> bool:
        producer.poll(0.1)
        return not len(producer)

    assert until(reported, PATIENCE_S)


def test_each_renewal_is_a_line_and_counts_once(caplog: pytest.LogCaptureFixture) -> None:
    producer = renewed()
    with caplog.at_level(logging.INFO):
        fail(producer, b"one", b"two")
        assert producer.renewals == 1
        fail(producer, b"three")
    assert producer.renewals == 2
    assert [(one.name, one.levelname) for one in caplog.records] == [
        ("generator.renewed", "WARNING")
    ] * 2
    said = caplog.text
    assert "a message has timed out" in said
    assert not any(word in said for word in ("user-1", "one", "two", "three", "topic"))


def test_another_failure_is_no_renewal(caplog: pytest.LogCaptureFixture) -> None:
    producer = renewed()
    first = producer.current
    send(producer, b"x")
    producer.purge()
    producer.flush(PATIENCE_S)
    assert producer.current is first
    assert (producer.renewals, caplog.records) == (0, [])
