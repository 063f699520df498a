"""risk.control: read from its first message on, and written so that the broker has it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from risk.config.names import CONTROL_READER
from risk.config.settings import Settings
from risk.engine.takeover.said import Said, decode, encode
from risk.kafka import long_lived
from risk.kafka.answers import answered
from risk.kafka.readable import partitions, reader, records

PARTITION: Final = 0  # the only one: all see its messages in one order
SENT_S: Final = 30.0


class Heard(NamedTuple):
    """A message, where it stands, and when it was appended, ms UTC by the broker's clock."""

    said: Said
    offset: int
    appended: int


class ControlLog:
    """What has been said since the last look. A topic that isn't there says nothing."""

    def __init__(self, settings: Settings) -> None:
        self._kafka, self._topic = settings.kafka, settings.topics.control
        self._consumer: Consumer | None = None
        self._producer: Producer | None = None
        self._assigned = False

    def all(self) -> Iterator[Heard]:
        """Everything up to where the log ends now. A broker that is away is waited for."""
        consumer = self._client()
        if not answered(lambda: partitions(consumer, self._topic)):
            return
        at, self._assigned = 0, False
        place = TopicPartition(self._topic, PARTITION)
        low, _ = answered(lambda: consumer.get_watermark_offsets(place, timeout=5.0))
        place = TopicPartition(self._topic, PARTITION, low)
        for message in records(consumer, [place]):
            at = message.offset() + 1
            yield from _heard(message)
        consumer.assign([TopicPartition(self._topic, PARTITION, max(at, low))])
        self._assigned = True

    def new(self, wait_s: float = 0.0) -> Iterator[Heard]:
        """What has come since; if there is nothing, it is waited for so long."""
        while self._assigned:
            message = self._client().poll(wait_s)
            if message is None:
                return
            wait_s = 0.0
            if message.error() is None:
                yield from _heard(message)

    def say(self, said: Said) -> int:
        """Append a message; its offset. Raises `KafkaException` if the broker doesn't take it."""
        if self._producer is None:
            self._producer = long_lived.producer(
                self._kafka,
                {
                    "acks": "all",
                    "linger.ms": 0,
                    "message.timeout.ms": int(SENT_S * 1_000),
                },
            )
        offsets: list[int] = []
        failed: list[KafkaError] = []

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                failed.append(error)
            else:
                offsets.append(message.offset())

        self._producer.produce(
            self._topic,
            encode(said),
            said.takeover.encode(),
            PARTITION,
            on_delivery=delivered,
        )
        deadline = time.monotonic() + 2 * SENT_S
        while not offsets and not failed and time.monotonic() < deadline:
            self._producer.poll(0.1)
        if offsets:
            return offsets[0]
        self._producer = None  # it may never send again: see generator.renewed
        raise KafkaException(failed[0] if failed else KafkaError(KafkaError._TIMED_OUT))

    def close(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            self._consumer.close()

    def _client(self) -> Consumer:
        if self._consumer is None:
            self._consumer = reader(self._kafka, CONTROL_READER)
        return self._consumer


def _heard(message: Message) -> Iterator[Heard]:
    """The message; what is none, or can't be read by this code, says nothing."""
    try:
        said = decode(message.value())
    except ValueError:
        return
    yield Heard(said, message.offset(), message.timestamp()[1])
