"""How long a payment that is sent now waits for its decision."""

from __future__ import annotations

import itertools
import time

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from risk.config.settings import Settings
from risk.engine.payment.transaction import encode
from risk.kafka.client import client_config
from risk.kafka.scan import offsets
from tests.pipeline import transaction

NUMBERS = itertools.count()
CONNECT_S = 15.0


class _Decided(msgspec.Struct):
    event_id: str


class Probe:
    """Sends one payment to each partition, and looks for them in risk.scores."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._decode = msgspec.json.Decoder(_Decided).decode

    def once(self, timeout_s: float) -> float | None:
        """In how many seconds the last of the payments was decided; None if not in that time.

        Raises `UserError` or `KafkaException` if the broker is away.
        """
        topics = self._settings.topics
        payments = len(offsets(self._settings, topics.transactions))
        consumer = self._at_the_end(topics.scores)
        try:
            producer = Producer({**client_config(self._settings.kafka), "linger.ms": 0})
            producer.list_topics(topics.transactions, timeout=CONNECT_S)
            waiting: set[str] = set()
            begun = time.monotonic()
            for partition in range(payments):
                number = next(NUMBERS)
                event_time = time.time_ns() // 1_000_000
                txn = transaction(f"probe-{number}-{event_time}", f"probe-{number}", event_time)
                producer.produce(topics.transactions, encode(txn), txn.user_id, partition)
                waiting.add(txn.event_id)
            while waiting and time.monotonic() - begun < timeout_s:
                producer.poll(0)
                message = consumer.poll(0.05)
                if message is None or message.error() or not message.value():
                    continue
                try:
                    waiting.discard(self._decode(message.value()).event_id)
                except msgspec.DecodeError:
                    continue  # somebody's nonsense
            took = time.monotonic() - begun
            producer.purge()
            return None if waiting else took
        finally:
            consumer.close()

    def _at_the_end(self, topic: str) -> Consumer:
        """A consumer that has read a topic to its end, and waits."""
        consumer = Consumer(
            {
                **client_config(self._settings.kafka),
                "group.id": "probe",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            }
        )
        ends = {p: high for p, (_, high) in offsets(self._settings, topic).items()}
        consumer.assign([TopicPartition(topic, p, high) for p, high in ends.items()])
        deadline = time.monotonic() + CONNECT_S
        while ends:
            message = consumer.poll(0.1)
            if message is not None and message.error():
                if message.error().code() == KafkaError._PARTITION_EOF:
                    ends.pop(message.partition(), None)
            elif message is not None:
                ends.pop(message.partition(), None)
            if time.monotonic() > deadline:
                consumer.close()
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "no end of risk.scores"))
        return consumer
