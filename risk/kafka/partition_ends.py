"""What the broker says of the partitions that a scoring job reads, and of those it doesn't."""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from risk.config.names import ENDS_READER
from risk.config.settings import Kafka
from risk.engine.payment.transaction import Rejected, decode
from risk.engine.stages.watch import Last
from risk.kafka.readable import nothing_left, reader, records

TIMEOUT_S = 2.0
PEEK_S = 0.5
BACK = 8  # offsets, of which some may be no payments


class TopicEnds:
    """The broker's answers for one topic. What it can't answer now is left out."""

    def __init__(self, kafka: Kafka, topic: str) -> None:
        self._kafka, self._topic = kafka, topic
        self._consumer: Consumer | None = None

    def at_end(self, partition: int, read_to: int) -> bool:
        """Whether a partition holds no record from that offset on; False if nobody can tell."""
        end = self.ends([partition]).get(partition)
        if end is None:
            return False
        try:
            return nothing_left(self._client(), self._topic, partition, read_to, end)
        except KafkaException:
            return False

    def ends(self, partitions: Collection[int]) -> dict[int, int]:
        """The offset after the last record of each partition of which it can be told."""
        found = {}
        for partition in partitions:
            asked = TopicPartition(self._topic, partition)
            try:
                _, found[partition] = self._client().get_watermark_offsets(asked, timeout=TIMEOUT_S)
            except KafkaException:
                self._look_again()
        return found

    def last(self, partitions: Collection[int]) -> dict[int, Last]:
        """The last payment of each partition that has one which can be read."""
        ends = {p: end for p, end in self.ends(partitions).items() if end > 0}
        if not ends:
            return {}
        starts = [TopicPartition(self._topic, p, max(0, end - BACK)) for p, end in ends.items()]
        found: dict[int, Last] = {}
        with contextlib.suppress(KafkaException):
            for message in records(self._client(), starts, PEEK_S):
                found.update(_payment(message))
        return found

    def close(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            self._consumer.close()

    def _look_again(self) -> None:
        """A client finds added partitions when it asks for the topic, or minutes later."""
        with contextlib.suppress(KafkaException):
            self._client().list_topics(self._topic, timeout=TIMEOUT_S)

    def _client(self) -> Consumer:
        if self._consumer is None:
            self._consumer = reader(self._kafka, ENDS_READER)
        return self._consumer


def _payment(message: Message) -> dict[int, Last]:
    try:
        txn = decode(message.value(), message.key())
    except Rejected:
        return {}
    return {message.partition(): Last(txn.event_time, message.timestamp()[1])}
