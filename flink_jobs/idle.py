"""What the broker says of the partitions that a scoring job reads, and of those it doesn't."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from risk.event import Rejected, decode
from risk.kafka_client import client_config
from risk.settings import Kafka
from risk.stages.watch import Last

TIMEOUT_S = 2.0
PEEK_S = 0.5


class TopicEnds:
    """The broker's answers for one topic. What it can't answer now is left out."""

    def __init__(self, kafka: Kafka, topic: str) -> None:
        self._kafka, self._topic = kafka, topic
        self._consumer: Consumer | None = None

    def at_end(self, partition: int, read_to: int) -> bool:
        """Whether a partition holds no record from that offset on; False if nobody can tell."""
        end = self.ends([partition]).get(partition)
        return end is not None and read_to >= end

    def ends(self, partitions: Collection[int]) -> dict[int, int]:
        """The offset after the last record of each partition of which it can be told."""
        found = {}
        for partition in partitions:
            place = TopicPartition(self._topic, partition)
            try:
                _, found[partition] = self._client().get_watermark_offsets(place, timeout=TIMEOUT_S)
            except KafkaException:
                continue
        return found

    def last(self, partitions: Collection[int]) -> dict[int, Last]:
        """The last payment of each partition that has one which can be read."""
        places = [
            TopicPartition(self._topic, partition, end - 1)
            for partition, end in self.ends(partitions).items()
            if end > 0
        ]
        if not places:
            return {}
        consumer = self._client()
        consumer.assign(places)
        try:
            messages = consumer.consume(len(places), timeout=PEEK_S)
        except KafkaException:
            return {}
        finally:
            consumer.unassign()
        return dict(_payments(messages))

    def close(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            self._consumer.close()

    def _client(self) -> Consumer:
        if self._consumer is None:
            own = {"group.id": "risk-ends", "enable.auto.commit": False}
            self._consumer = Consumer({**client_config(self._kafka), **own})
        return self._consumer


def _payments(messages: Iterable[Message]) -> Iterable[tuple[int, Last]]:
    for message in messages:
        if message.error():
            continue
        try:
            txn = decode(message.value(), message.key())
        except Rejected:
            continue
        yield message.partition(), Last(txn.event_time, message.timestamp()[1])
