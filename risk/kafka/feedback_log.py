"""risk.feedback, read from its first record on and then again and again to its end."""

from __future__ import annotations

from collections.abc import Iterator

from confluent_kafka import Consumer, KafkaException, TopicPartition

from risk.config.names import FEEDBACK_READER
from risk.config.settings import Settings
from risk.engine.feedback import Logged, decode
from risk.kafka.answers import TIMEOUT_S, answered
from risk.kafka.ranges import kept_offsets
from risk.kafka.readable import reader, records

POLL_S = 2.0  # for what is new: what isn't told by then comes next time


class FeedbackLog:
    """What is new in the log at each look. What is no feedback is left to those who store it."""

    def __init__(self, settings: Settings) -> None:
        self._kafka, self._topic = settings.kafka, settings.topics.feedback
        self._consumer: Consumer | None = None
        self._next: dict[int, int] = {}

    def all(self) -> Iterator[Logged]:
        """Every verdict up to where the log ends now, each partition's in order.

        A broker that is away is waited for: nothing can be scored without it either.
        """
        consumer = self._client()
        known = answered(lambda: consumer.list_topics(self._topic, timeout=TIMEOUT_S))
        self._next = {}
        for partition in known.topics[self._topic].partitions:
            low, _ = kept_offsets(consumer, TopicPartition(self._topic, partition))
            self._next[partition] = low
        yield from self._read(list(self._next), None)

    def new(self) -> list[Logged] | None:
        """What has come since the last look; None if the broker doesn't say in time."""
        try:
            grown = [p for p in self._next if self._end(p) > self._next[p]]
            return list(self._read(grown, POLL_S))
        except KafkaException:
            return None

    def close(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            self._consumer.close()

    def _read(self, partitions: list[int], wait_s: float | None) -> Iterator[Logged]:
        places = [TopicPartition(self._topic, p, self._next[p]) for p in partitions]
        found = (
            records(self._client(), places)
            if wait_s is None
            else records(self._client(), places, wait_s, strict=True)
        )
        for message in found:
            partition, offset = message.partition(), message.offset()
            self._next[partition] = offset + 1
            try:
                said = decode(message.value(), message.key())
            except ValueError:
                continue
            yield Logged(said, message.timestamp()[1], partition, offset)

    def _end(self, partition: int) -> int:
        asked = TopicPartition(self._topic, partition)
        _, end = self._client().get_watermark_offsets(asked, timeout=POLL_S)
        return int(end)

    def _client(self) -> Consumer:
        if self._consumer is None:
            self._consumer = reader(self._kafka, FEEDBACK_READER)
        return self._consumer
