"""Sees to it that a job notices when its topic is not what it was: made again, or cut off."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Final

from confluent_kafka import Consumer, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from risk.config.names import ENDS_READER
from risk.config.settings import Kafka
from risk.engine.stages.base import Raw, Store
from risk.engine.stages.ingest import Ingest
from risk.kafka import long_lived
from risk.kafka.readable import reader
from risk.kafka.topic import Topic, TopicFault, asked, check_same, check_times, look

EVERY_TICKS: Final = 10  # so often the topic's id is asked for: nobody waits for the answer
TIMEOUT_S: Final = 2.0

log = logging.getLogger(__name__)


class TopicWatch:
    """Of one shard. `lost` is told how many records were deleted before they were read.

    Raises `TopicFault` if the topic can't be scored, at once or when the ticks come to it.
    """

    def __init__(self, kafka: Kafka, topic: str, lost: Callable[[int], object]) -> None:
        self._kafka, self._topic, self._lost = kafka, topic, lost
        self._found: Topic | None = asked(lambda: look(kafka, topic))
        if self._found is not None:
            check_times(self._found, topic, kafka.servers)
        self._ticks = 0
        self._gaps: list[tuple[int, int, int]] = []
        self._before: dict[int, int] = {}
        self._total = 0
        self._admin: AdminClient | None = None
        self._consumer: Consumer | None = None
        self._asked: Future[Any] | None = None

    def begin(self, ingest: Ingest, store: Store) -> None:
        """The shard's state was loaded: its ingest, and where the topic is noted."""
        self._ingest = ingest
        if self._found is not None:
            check_same(store, self._found, self._topic)
        self._note()

    def heard(self, records: Sequence[Raw]) -> None:
        """These records were read. That they leave no offset out is told by their number."""
        if sum(self._ingest.read_to.values()) - self._total != len(records):
            before = self._before
            for raw in records:
                expected = before.get(raw.partition, 0)
                if raw.offset > expected:
                    self._gaps.append((raw.partition, expected, raw.offset))
                before[raw.partition] = raw.offset + 1
        self._note()

    def tick(self) -> None:
        """A second has passed."""
        if self._gaps:
            self._explain()
        self._ticks += 1
        if self._found is not None and self._ticks % EVERY_TICKS == 0:
            self._ask(self._found.id)

    def close(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            self._consumer.close()

    def _note(self) -> None:
        self._before = dict(self._ingest.read_to)
        self._total = sum(self._before.values())

    def _explain(self) -> None:
        """What was left out is lost if the topic begins after it; else it was no record."""
        if self._consumer is None:
            self._consumer = reader(self._kafka, ENDS_READER)
        try:
            low = {
                p: self._consumer.get_watermark_offsets(
                    TopicPartition(self._topic, p), timeout=TIMEOUT_S
                )[0]
                for p in {partition for partition, _, _ in self._gaps}
            }
        except KafkaException:
            return  # at the next tick
        for partition, begin, end in self._gaps:
            gone = min(end, low[partition]) - begin
            if gone > 0:
                self._lost(gone)
                log.error(
                    "topic %s partition %d: offsets %d to %d were deleted before they were read",
                    *(self._topic, partition, begin, begin + gone - 1),
                )
        self._gaps.clear()

    def _ask(self, known: str) -> None:
        if self._admin is None:
            self._admin = long_lived.admin(self._kafka)
        if self._asked is not None:
            if not self._asked.done():
                return
            if self._asked.exception() is None:
                now = str(self._asked.result().topic_id)
                if now != known:
                    raise TopicFault(
                        f"topic {self._topic} was deleted and made again: the job starts again, "
                        "and will say what to do"
                    )
        names = TopicCollection([self._topic])
        (self._asked,) = self._admin.describe_topics(names, request_timeout=TIMEOUT_S).values()
