"""The benches' own topics and groups: made, watched and removed."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec
from msgspec.structs import asdict

from risk.config.names import BENCH_TOPICS
from risk.config.settings import Kafka, Settings, Topics
from risk.errors import StackError
from risk.kafka.answers import answered
from risk.kafka.client import client_config
from risk.kafka.group_offsets import GroupOffsets
from risk.kafka.topics import delete_topics

TIMEOUT_S = 20.0


def topics(tag: str, transactions: str | None = None) -> Topics:
    """Topic names of a run's own; `transactions` may be one that several runs read.

    No name comes twice: clients remember of a name what was true of the topic that was deleted.
    """
    run = f"{tag}.{uuid.uuid4().hex[:8]}"
    names = {name: f"{BENCH_TOPICS}{run}.{name}" for name in asdict(Topics())}
    return Topics(**(names | ({"transactions": transactions} if transactions else {})))


@contextmanager
def created(settings: Settings, names: Iterable[str]) -> Iterator[None]:
    """These topics, empty, until the block ends. The broker's clock stamps their records."""
    make(settings, names := sorted(set(names)))
    try:
        yield
    finally:
        delete_topics(settings, names)


def make(settings: Settings, names: Collection[str]) -> None:
    """Make these topics anew."""
    delete_topics(settings, names)
    config = {
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(settings.kafka.max_record_bytes + 4096),
        "retention.ms": "-1",
    }
    wanted = [NewTopic(name, settings.kafka.partitions, 1, config=config) for name in names]
    for future in _admin(settings).create_topics(wanted).values():
        _result(future)


def forget_group(settings: Settings, group: str) -> None:
    """Remove what a consumer group has committed."""
    for future in _admin(settings).delete_consumer_groups([group]).values():
        _result(future)


def ends(settings: Settings, topic: str) -> dict[int, int]:
    """The offset after the last record, by partition."""
    latest = OffsetSpec.latest()
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        asked = {TopicPartition(topic, p): latest for p in range(settings.kafka.partitions)}
        found = _admin(settings).list_offsets(asked)
        try:
            results = {tp.partition: _result(future) for tp, future in found.items()}
        except StackError:
            if time.monotonic() > deadline:
                raise
            # What this client knows of the topic is out of date, as after it was made anew.
            _admin_of.cache_clear()
            time.sleep(0.5)
            continue
        # A topic that was made a moment ago may not be known to the broker yet: it is empty.
        return {p: result.offset if result else 0 for p, result in results.items()}


def committed(settings: Settings, group: str, topic: str) -> dict[int, int]:
    """The offsets that a consumer group has committed, by partition; 0 where it hasn't."""
    places = [(topic, p) for p in range(settings.kafka.partitions)]
    try:
        found = answered(lambda: _known_of(settings.kafka).committed([group], places, TIMEOUT_S))
    except KafkaException as error:
        raise StackError(f"kafka: {error.args[0].str()}") from None
    return {p: found[group].get((topic, p), 0) for p in range(settings.kafka.partitions)}


def _admin(settings: Settings) -> Any:
    return _admin_of(settings.kafka)


@lru_cache(maxsize=4)
def _admin_of(where: Kafka) -> Any:
    """Kept, because a client that is no longer held gives up its requests."""
    return AdminClient(client_config(where))


@lru_cache(maxsize=4)
def _known_of(where: Kafka) -> GroupOffsets:
    return GroupOffsets(where)


def _result(future: Any) -> Any:
    """What came of a request; one for what isn't there is no error."""
    try:
        return future.result()
    except KafkaException as error:
        if error.args[0].code() not in (
            KafkaError.UNKNOWN_TOPIC_OR_PART,
            KafkaError.GROUP_ID_NOT_FOUND,
            KafkaError.NON_EMPTY_GROUP,  # its last member was killed: it ends by itself
        ):
            raise StackError(f"kafka: {error.args[0].str()}") from None
        return None
