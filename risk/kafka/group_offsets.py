"""What consumer groups have committed.

A group is asked about by a consumer of it that reads nothing, and so is no member. An AdminClient
would do, but ends the process with a segmentation fault once a broker says that it doesn't
coordinate that group, as each does for a moment after a restart: librdkafka hands that on to its
client's own group, of which an AdminClient has none (confluentinc/librdkafka#5315).
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from typing import Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

from risk.config.settings import Kafka
from risk.kafka import long_lived
from risk.kafka.quiet import SILENT

LEAST_S: Final = 0.05  # for a group, though time is up: it may have answered

PartitionKey = tuple[str, int]  # topic, partition


class GroupOffsets:
    """Asks Kafka; for one thread at a time. A consumer of each group is kept."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self._consumers: dict[str, Consumer] = {}

    def committed(
        self, groups: Collection[str], places: Iterable[PartitionKey], timeout_s: float
    ) -> dict[str, dict[PartitionKey, int]]:
        """By group, what it has committed of these places; those without a commit are left out.

        All groups together are waited for so long. Raises `KafkaException` if one isn't told in
        time.
        """
        asked = [TopicPartition(topic, partition) for topic, partition in places]
        for group in groups:  # all of them connect while the first is waited for
            if group not in self._consumers:
                self._consumers[group] = self._consumer(group)
        until = time.monotonic() + timeout_s
        return {group: self._of(group, asked, until) for group in groups}

    def keep(self, groups: Collection[str]) -> None:
        """Disconnect from all other groups: they are no more."""
        for gone in self._consumers.keys() - set(groups):
            self._consumers.pop(gone).close()

    def close(self) -> None:
        """Disconnect."""
        while self._consumers:
            self._consumers.popitem()[1].close()

    def _of(self, group: str, asked: list[TopicPartition], until: float) -> dict[PartitionKey, int]:
        if not asked:
            return {}
        left_s = max(LEAST_S, until - time.monotonic())
        found = self._consumers[group].committed(asked, timeout=left_s)
        if wrong := next((place.error for place in found if place.error), None):
            raise KafkaException(wrong)
        return {(p.topic, p.partition): p.offset for p in found if p.offset >= 0}

    def _consumer(self, group: str) -> Consumer:
        config = {"group.id": group, "enable.auto.commit": False, **SILENT}
        return long_lived.consumer(self._kafka, config)
