"""Sends feedback to Kafka, every message acknowledged by all replicas."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from generator.publish import PRODUCER
from risk.config.settings import Settings
from risk.engine.feedback import Feedback, encode
from risk.errors import UserError
from risk.kafka.client import client_config
from risk.kafka.quiet import SILENT

CONNECT_S: Final = 15.0
ANSWER_MS: Final = 30_000
POLL_S: Final = 0.1


def send(
    settings: Settings, messages: Iterable[Feedback], report: Callable[[int], object] = int
) -> int:
    """Publish to risk.feedback; how many were acknowledged, which is all of them.

    `report` is told how many were so far. Raises `UserError`: what was sent by then is there, and
    counts once if it is sent again.
    """
    topic, sending = settings.topics.feedback, _Sending(settings)
    try:
        found = sending.producer.list_topics(topic, timeout=CONNECT_S).topics[topic]
    except KafkaException:
        where = settings.kafka.servers
        raise UserError(
            f"no broker at {where}: start it with `risk up`, or set kafka.bootstrap"
        ) from None
    if found.error is not None or not found.partitions:
        raise UserError(f"no topic {topic} at {settings.kafka.servers}: `risk provision` makes it")
    for one in messages:
        sending.put(topic, one)
        report(sending.sent)
    while len(sending.producer):
        sending.producer.flush(POLL_S)
        report(sending.sent)
    sending.check()
    return sending.sent


class _Sending:
    """What was sent, and the first thing that went wrong."""

    def __init__(self, settings: Settings) -> None:
        self.sent, self._failed = 0, ""
        self.producer = Producer(
            {
                **client_config(settings.kafka),
                **SILENT,
                **PRODUCER,  # a user's feedback is in one partition, whoever sends it
                "message.timeout.ms": ANSWER_MS,
            }
        )

    def put(self, topic: str, one: Feedback) -> None:
        """Hand one on. Raises `UserError`."""
        while True:
            self.check()
            try:
                self.producer.produce(
                    topic, encode(one), one.user_id.encode(), on_delivery=self._delivered
                )
            except BufferError:  # the broker is slower than we are
                self.producer.poll(POLL_S)
            else:
                self.producer.poll(0)
                return

    def check(self) -> None:
        """Raise `UserError` if anything was not acknowledged."""
        if self._failed:
            raise UserError(
                f"kafka: {self._failed}: {self.sent:,} were sent: send all of it again, nothing "
                "counts twice"
            )

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self.sent += 1
        else:
            self._failed = self._failed or error.str()
