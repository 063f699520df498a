"""Reads risk.alerts for all browsers together, and how many payments come: two threads.

Nothing is committed under the consumers' group, so it has no part in what anybody else reads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Literal

import msgspec
from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition

from risk.config.names import CONSOLE_READER
from risk.config.settings import Settings
from risk.console.live.arrivals import Arrivals
from risk.console.live.ring import Ring
from risk.engine.decoding import decoder
from risk.engine.messages import Alert
from risk.kafka import long_lived
from risk.kafka.ranges import kept_offsets

State = Literal["up", "away", "missing"]

ANSWER_S: Final = 2.0
LOOK_S: Final = 2.0  # between two looks at whether the broker and all partitions are there
LATELY_S: Final = 4 * LOOK_S  # what was seen longer ago says nothing of now
POLL_S: Final = 0.1
BATCH: Final = 500
EARLIER: Final = 500  # alerts that are read from before the start, so that the page isn't empty

_decode: Final = decoder(Alert)


class Reader:
    """Fills a ring and a count of arrivals until it is stopped. `state` is Kafka's."""

    def __init__(self, settings: Settings, ring: Ring, arrivals: Arrivals) -> None:
        self._settings, self._ring, self._arrivals = settings, ring, arrivals
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._while_not_stopped, args=(body,), daemon=True, name=name)
            for body, name in ((self._alerts, "alerts"), (self._count, "arrivals"))
        ]
        self.state: State = "away"
        self._begins: dict[int, int] = {}  # by partition: where reading began
        self._looked, self._behind = float("-inf"), 0

    def start(self) -> None:
        """Begin to read, now or as soon as the broker is there."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both threads."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(timeout=3 * ANSWER_S)

    def behind(self) -> int | None:
        """How many alerts it had not read yet when it last looked; None if that isn't lately."""
        return self._behind if time.monotonic() - self._looked < LATELY_S else None

    def _while_not_stopped(self, body: Callable[[Consumer], None]) -> None:
        consumer = long_lived.consumer(
            self._settings.kafka,
            {
                "group.id": CONSOLE_READER,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "latest",
                "fetch.wait.max.ms": 50,
                "reconnect.backoff.max.ms": 2_000,
                "topic.metadata.refresh.interval.ms": 10_000,
            },
        )
        try:
            while not self._stopped.is_set():
                try:
                    body(consumer)
                except KafkaException:
                    self._stopped.wait(LOOK_S / 2)
        finally:
            consumer.close()

    def _alerts(self, consumer: Consumer) -> None:
        """Read until the broker is away; what was read then is read on from there."""
        looked = 0.0
        while not self._stopped.is_set():
            if time.monotonic() - looked > LOOK_S:
                self._assign(consumer)
                self._behind = self._left(consumer)
                looked = self._looked = time.monotonic()
            for message in consumer.consume(BATCH, timeout=POLL_S):
                if message.error() is None and (value := message.value()) is not None:
                    self._take(value)

    def _take(self, value: bytes) -> None:
        try:
            self._ring.add(_decode(value))
        except msgspec.DecodeError:
            return  # not an alert of any version that is known: the delivery jobs report such

    def _assign(self, consumer: Consumer) -> None:
        """Begin to read partitions that are new. Raises `KafkaException`."""
        topic = self._settings.topics.alerts
        known = {place.partition for place in consumer.assignment()}
        partitions = self._partitions(consumer, topic)
        places = []
        for partition in sorted(partitions - known):
            low, high = kept_offsets(consumer, TopicPartition(topic, partition))
            begin = max(low, high - EARLIER // len(partitions))
            places.append(TopicPartition(topic, partition, begin))
        if places:
            self._begins |= {place.partition: place.offset for place in places}
            consumer.incremental_assign(places)

    def _left(self, consumer: Consumer) -> int:
        """How many alerts are to be read. Raises `KafkaException`."""
        left = 0
        for place in consumer.position(consumer.assignment()):
            partition = TopicPartition(place.topic, place.partition)
            _, high = consumer.get_watermark_offsets(partition, timeout=ANSWER_S)
            fresh = place.offset == OFFSET_INVALID  # nothing of it has been read
            left += max(0, high - (self._begins[place.partition] if fresh else place.offset))
        return left

    def _partitions(self, consumer: Consumer, topic: str) -> set[int]:
        """Those of a topic. Raises `KafkaException`; how Kafka is, is noted."""
        try:
            told = consumer.list_topics(topic, timeout=ANSWER_S).topics[topic]
        except KafkaException:
            self.state = "away"
            raise
        self.state = "up" if told.partitions else "missing"
        return set(told.partitions)

    def _count(self, consumer: Consumer) -> None:
        topic = self._settings.topics.transactions
        told = consumer.list_topics(topic, timeout=ANSWER_S).topics[topic]
        ends = [
            consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=ANSWER_S)
            for p in told.partitions
        ]
        if ends and all(ends):
            self._arrivals.add(time.time_ns() // 1_000_000, sum(high for _, high in ends))
        self._stopped.wait(1.0)
