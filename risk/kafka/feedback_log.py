"""risk.feedback, read from its first record on and then again and again to its end."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from risk.config.names import FEEDBACK_READER
from risk.config.settings import Settings
from risk.engine.feedback import Logged, decode
from risk.kafka.answers import NOT_YET, answered
from risk.kafka.readable import partitions, reader, records

POLL_S = 2.0  # for what is new: what isn't told by then comes next time

log = logging.getLogger(__name__)


class News(NamedTuple):
    """What has come since the last look. Unless it is `whole`, there may be more by now."""

    logged: list[Logged]
    whole: bool


class FeedbackLog:
    """What is new in the log at each look, in every partition that it has by then."""

    def __init__(self, settings: Settings) -> None:
        self._kafka, self._topic = settings.kafka, settings.topics.feedback
        self._consumer: Consumer | None = None
        self._next: dict[int, int] = {}  # offsets, by partition
        self._answers = True  # whether the broker told all of it when it was asked last

    def all(self) -> Iterator[Logged]:
        """Every verdict up to where the log ends now, each partition's in order.

        A broker that is away is waited for: nothing can be scored without it either.
        """
        self._next = {}
        places = answered(self._places, (*NOT_YET, KafkaError.UNKNOWN_TOPIC_OR_PART))
        yield from logged(self._noted(records(self._client(), places)))

    def new(self) -> News:
        """What has come since the last look, as far as the broker says so in time."""
        found: list[Logged] = []
        try:
            messages = records(self._client(), self._places(), POLL_S, strict=True)
            for one in logged(self._noted(messages)):
                found.append(one)
        except KafkaException as error:
            if self._answers:
                log.warning("%s: %s: corrections wait for it", self._topic, error.args[0].str())
            self._answers = False
            return News(found, whole=False)
        self._answers = True
        return News(found, whole=True)

    def close(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            self._consumer.close()

    def _places(self) -> list[TopicPartition]:
        """Where there is something to be read. Raises `KafkaException`."""
        client = self._client()
        places = []
        there = partitions(client, self._topic, POLL_S)
        if not there or not self._next.keys() <= set(there):
            # Without an answer on all of them nobody knows whether there are verdicts.
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
        for partition in there:
            asked = TopicPartition(self._topic, partition)
            low, high = client.get_watermark_offsets(asked, timeout=POLL_S)
            first = max(low, self._next.get(partition, low))  # what was deleted never comes
            if first < high:
                places.append(TopicPartition(self._topic, partition, first))
        return places

    def _noted(self, messages: Iterable[Message]) -> Iterator[Message]:
        for message in messages:
            self._next[message.partition()] = message.offset() + 1
            yield message

    def _client(self) -> Consumer:
        if self._consumer is None:
            self._consumer = reader(self._kafka, FEEDBACK_READER)
        return self._consumer


def logged(messages: Iterable[Message]) -> Iterator[Logged]:
    """Feedback with its place. What is none is left to those who store feedback: a dead letter."""
    for message in messages:
        try:
            said = decode(message.value(), message.key())
        except ValueError:
            continue
        yield Logged(said, message.timestamp()[1], message.partition(), message.offset())
