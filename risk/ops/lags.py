"""How many records wait for a consumer group, and for how long it has committed none."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from confluent_kafka import Consumer

from risk.config.names import ENDS_READER
from risk.config.settings import Settings
from risk.kafka import lag, long_lived
from risk.kafka.group_offsets import GroupOffsets
from risk.kafka.quiet import SILENT
from risk.kafka.readable import nothing_left, reader
from risk.ops.progress import Progress


class Lags:
    """Asks Kafka. It remembers how far each group was: ask the same one again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin = long_lived.admin(settings.kafka, SILENT)
        self._known = GroupOffsets(settings.kafka)
        self._records: Consumer | None = None
        self._progress = Progress()

    def look(self, group: str, topics: Sequence[str]) -> tuple[int, float | None]:
        """How many wait, and for how long, in seconds, it has stood still: as `Progress` says.

        The markers of transactions are no records that wait: that is looked into once a group
        stands still. Raises `KafkaException`.
        """
        found = lag.read(self._admin, self._known, topics, re.compile(re.escape(group)))
        places = {place: left for _, place, left in found.lags()}
        done = sum(found.committed.get(group, {}).values())
        still_s = self._progress.look(group, done, sum(places.values()), time.monotonic())
        if not still_s:
            return sum(places.values()), still_s
        if self._records is None:
            self._records = reader(self._settings.kafka, ENDS_READER)
        waiting = 0
        for (topic, partition), left in places.items():
            end = found.ends[topic, partition].next
            if left and not nothing_left(self._records, topic, partition, end - left, end):
                waiting += left
        return waiting, still_s if waiting else 0.0
