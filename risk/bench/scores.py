"""When each event's score was appended to a topic of scores, by the broker's clock."""

from __future__ import annotations

import re
import time

from confluent_kafka import Consumer, TopicPartition

from risk.bench import kafka
from risk.config.names import BENCH_READER
from risk.config.settings import Settings
from risk.errors import StackError
from risk.kafka.client import client_config

PATIENCE_S = 60.0
# JSON of a score that corrects an earlier one: it is no further event.
CORRECTION = re.compile(rb'"revision":\s*[1-9]')


class EventTimes:
    """Reads a topic on and on; keeps when each event's first score was appended, in ms UTC.

    A late payment's decision is one, too: to whoever is measured it is as much work as another.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        self.times_ms: list[int] = []
        self.corrections = 0
        self._settings, self._topic = settings, topic
        self._next = dict.fromkeys(range(settings.kafka.partitions), 0)
        self._consumer = Consumer(
            {
                **client_config(settings.kafka),
                "group.id": BENCH_READER,
                "enable.auto.commit": False,
            }
        )
        self._consumer.assign([TopicPartition(topic, p, 0) for p in self._next])

    def catch_up(self) -> None:
        """Read up to where the topic ends now."""
        goal = kafka.ends(self._settings, self._topic)
        heard = time.monotonic()
        while any(self._next[p] < end for p, end in goal.items()):
            messages = self._consumer.consume(5_000, 0.2)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > PATIENCE_S:
                raise StackError(f"kafka: {self._topic} can't be read to its end")
            for message in messages:
                if message.error():
                    continue
                self._next[message.partition()] = message.offset() + 1
                if CORRECTION.search(message.value()):
                    self.corrections += 1
                else:
                    self.times_ms.append(message.timestamp()[1])

    def close(self) -> None:
        """Leave."""
        self._consumer.close()
