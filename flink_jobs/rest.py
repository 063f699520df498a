"""Which partitions rest: silent for a while, and read to their end."""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException, TopicPartition

from flink_jobs.readable import nothing_left, reader
from risk.settings import Kafka
from risk.stages.ingest import Ingest

TICK_MS = 1_000
TIMEOUT_S = 2.0


class Resting:
    """Tells an ingest which of its partitions no longer hold the frontier.

    Silence alone proves nothing: a job that is starved, or has just been started, hears nothing of
    a partition that is full of records. So the broker is asked where the partition ends.
    """

    def __init__(self, ingest: Ingest, kafka: Kafka, topic: str, idle_ms: int) -> None:
        self._ingest, self._kafka, self._topic, self._idle_ms = ingest, kafka, topic, idle_ms
        self._silent = dict.fromkeys(ingest.read_to, 0)  # ticks since the last record
        self._consumer: Consumer | None = None

    def heard(self, partitions: Iterable[int]) -> None:
        """Records of these partitions came."""
        for partition in partitions:
            self._silent[partition] = 0
        if self._ingest.resting:
            self._ingest.resting -= set(partitions)

    def tick(self) -> set[int] | None:
        """A second has passed. The partitions that rest now, if these are others than before.

        Ticks are counted, not time: after a stall of the process one tick passes, not the stall.
        """
        resting = set(self._ingest.resting)
        for partition in self._silent:
            self._silent[partition] += 1
            long = self._silent[partition] * TICK_MS >= self._idle_ms
            if long and partition not in resting and self._at_end(partition):
                resting.add(partition)
        return resting if resting != self._ingest.resting else None

    def close(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            self._consumer.close()

    def _at_end(self, partition: int) -> bool:
        if self._consumer is None:
            self._consumer = reader(self._kafka, "risk-ends")
        place = TopicPartition(self._topic, partition)
        try:
            _, end = self._consumer.get_watermark_offsets(place, timeout=TIMEOUT_S)
            read_to = self._ingest.read_to[partition]
            return nothing_left(self._consumer, self._topic, partition, read_to, end)
        except KafkaException:
            return False
