"""What was published lately, read from the log: so a new process knows what came before it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Final, NamedTuple

from confluent_kafka import Consumer, KafkaException, TopicPartition

from risk.config.names import API_READER
from risk.config.settings import Settings
from risk.console.api.check import canonical
from risk.console.api.known import Identity, content_of
from risk.engine.payment.rejected import Rejected
from risk.engine.payment.transaction import read
from risk.kafka.readable import partitions, reader, records

LOOK_S: Final = 2.0
MOST_S: Final = 20.0  # then it begins with what it knows: scoring's own memory is whole

log = logging.getLogger(__name__)


class Recalled(NamedTuple):
    """A payment in the log. `age_s` is since when, by the broker's time of it and this clock."""

    identity: Identity
    content: bytes
    event_time: int
    age_s: float


def recall(settings: Settings) -> Iterator[Recalled]:
    """The payments of the last `scoring.dedup_ms`, partition by partition in their order.

    Of a broker that is away nothing; of one that is slow, or of very many, what comes in time.
    """
    now = time.time_ns() // 1_000_000
    try:
        with closing(reader(settings.kafka, API_READER)) as consumer:
            places = _places(consumer, settings, now)
            for message in records(consumer, places, MOST_S):
                try:
                    txn = read(message.value())
                except Rejected:
                    continue
                payment = canonical(txn)
                age_s = max(0, now - message.timestamp()[1]) / 1_000
                yield Recalled(payment.identity, content_of(payment), txn.event_time, age_s)
    except KafkaException as error:
        log.warning("%s: %s", settings.topics.transactions, error.args[0].str())


def _places(consumer: Consumer, settings: Settings, now: int) -> list[TopicPartition]:
    """Where the window begins in each partition that has a record in it."""
    topic, since = settings.topics.transactions, now - settings.scoring.dedup_ms
    there = partitions(consumer, topic, LOOK_S)
    asked = [TopicPartition(topic, partition, since) for partition in there]
    found = consumer.offsets_for_times(asked, timeout=LOOK_S) if asked else []
    return [place for place in found if place.error is None and place.offset >= 0]
