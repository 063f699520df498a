"""Reads risk.alerts for all browsers together, and how many payments come: two threads.

Nothing is committed under the consumers' group, so it has no part in what anybody else reads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final, Literal

import msgspec
from confluent_kafka import Consumer, KafkaException, TopicPartition

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
        self._next: dict[int, int] = {}  # by partition: the offset of the next alert to read
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
                looked = time.monotonic()
            for message in consumer.consume(BATCH, timeout=POLL_S):
                if message.error() is None:
                    self._next[message.partition() or 0] = (message.offset() or 0) + 1
                    if (value := message.value()) is not None:
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
            self._next |= {place.partition: place.offset for place in places}
            consumer.incremental_assign(places)

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
        """Count arrivals, and alerts that wait: apart from who reads these, and isn't held up."""
        topics = self._settings.topics
        told = consumer.list_topics(topics.transactions, timeout=ANSWER_S)
        arrived = _ends(consumer, topics.transactions, told.topics[topics.transactions].partitions)
        if arrived:
            self._arrivals.add(time.time_ns() // 1_000_000, sum(arrived.values()))
        if ends := _ends(consumer, topics.alerts, self._next.copy()):
            self._behind = sum(max(0, end - self._next[p]) for p, end in ends.items())
            self._looked = time.monotonic()
        self._stopped.wait(1.0)


def _ends(consumer: Consumer, topic: str, partitions: Iterable[int]) -> dict[int, int]:
    """The offset after the last record of each; none if the broker doesn't tell all in time.

    Raises `KafkaException`.
    """
    found = {
        p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=ANSWER_S)
        for p in partitions
    }
    return {p: high for p, (_, high) in found.items()} if all(found.values()) else {}
