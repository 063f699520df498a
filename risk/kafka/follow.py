"""A topic as it grows: its records from now on, or from some time ago, until nobody asks more."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from risk.config.names import CLI_READER
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.client import client_config
from risk.kafka.quiet import SILENT

CONNECT_S: Final = 15.0
POLL_S: Final = 0.2
LOOK_S: Final = 30.0  # how often it looks for partitions that were added


def follow(
    settings: Settings, topic: str, since: int | None = None
) -> Generator[Message, None, None]:
    """Records as they come; with `since`, in ms UTC, those from then on as well. It never ends.

    It reads all partitions by itself, without a group: nobody else gets less, and nothing is
    committed. A broker that goes away is waited for. Raises `UserError` if at first there is none,
    or no such topic.
    """
    consumer = _consumer(settings)
    try:
        reads = _places(consumer, settings, topic, since)
        consumer.assign(reads)
        known, looked = {place.partition for place in reads}, time.monotonic()
        while True:
            message = consumer.poll(POLL_S)
            if message is not None and message.error() is None:
                yield message
            elif message is not None and message.error().code() == KafkaError._FATAL:
                raise UserError(f"{topic}: {message.error().str()}")
            if time.monotonic() - looked > LOOK_S:
                looked = time.monotonic()
                added = _partitions(consumer, topic) - known
                known |= added
                if added:
                    consumer.incremental_assign([TopicPartition(topic, p, 0) for p in added])
    except KafkaException as error:
        raise UserError(f"{topic}: {error.args[0].str()}") from None
    finally:
        consumer.close()


def _consumer(settings: Settings) -> Consumer:
    return Consumer(
        {
            **client_config(settings.kafka),
            **SILENT,
            "group.id": CLI_READER,  # asked for, but nothing is ever committed under it
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "latest",
            "fetch.wait.max.ms": 50,
        }
    )


def _places(
    consumer: Consumer, settings: Settings, topic: str, since: int | None
) -> list[TopicPartition]:
    where = settings.kafka.servers
    try:
        found = consumer.list_topics(topic, timeout=CONNECT_S).topics[topic]
    except KafkaException:
        raise UserError(
            f"no broker at {where}: start it with `risk up`, or set kafka.bootstrap"
        ) from None
    if found.error is not None or not found.partitions:
        raise UserError(f"no topic {topic} at {where}: `risk provision` makes it")
    places = [TopicPartition(topic, p) for p in found.partitions]
    if since is not None:
        times = [TopicPartition(topic, p.partition, since) for p in places]
        begun = consumer.offsets_for_times(times, timeout=CONNECT_S)
        if all(place.offset >= 0 for place in begun):
            return list(begun)
        starts = {place.partition: place.offset for place in begun if place.offset >= 0}
        places = [p for p in places if p.partition not in starts]
    else:
        starts = {}
    # The end as it is now, so that what comes while this starts isn't missed.
    for place in places:
        starts[place.partition] = consumer.get_watermark_offsets(place, timeout=CONNECT_S)[1]
    return [TopicPartition(topic, p, offset) for p, offset in sorted(starts.items())]


def _partitions(consumer: Consumer, topic: str) -> set[int]:
    try:
        found = consumer.list_topics(topic, timeout=1.0).topics[topic]
    except KafkaException:  # it is away: it is asked again
        return set()
    return set(found.partitions)
