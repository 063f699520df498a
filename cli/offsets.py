"""Where consumer groups are, and whether the delivery jobs have caught up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from cli.common import UserError
from cli.topics import offsets
from risk.kafka_client import client_config
from risk.settings import Settings

TIMEOUT_S = 15.0
POLL_S = 0.1
# A broker that has just started, or a group's that has just gone, may answer in a moment.
NO_COORDINATOR = (
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
)


def committed(settings: Settings, group: str, topic: str) -> dict[int, int]:
    """What a group has committed, by partition; partitions without are left out."""
    asked = [TopicPartition(topic, p) for p in offsets(settings, topic)]
    admin = AdminClient(client_config(settings.kafka))

    def ask() -> Any:
        wanted = [ConsumerGroupTopicPartitions(group, asked)]
        (future,) = admin.list_consumer_group_offsets(wanted, request_timeout=TIMEOUT_S).values()
        return future.result()

    try:
        found = _coordinated(ask).topic_partitions
    except KafkaException as error:
        raise UserError(f"group {group}: {error.args[0].str()}") from None
    return {tp.partition: tp.offset for tp in found if tp.offset >= 0}


def forget(settings: Settings, group: str) -> None:
    """Remove a group that nobody will use again.

    If there is none, or the broker still waits for its members, it stays as it is. Raises
    `UserError` if the broker can't be asked.
    """
    admin = AdminClient(client_config(settings.kafka))

    def ask() -> None:
        (future,) = admin.delete_consumer_groups([group], request_timeout=TIMEOUT_S).values()
        future.result()

    try:
        _coordinated(ask)
    except KafkaException as error:
        if error.args[0].code() not in (KafkaError.GROUP_ID_NOT_FOUND, KafkaError.NON_EMPTY_GROUP):
            raise UserError(f"group {group}: {error.args[0].str()}") from None


def _coordinated(ask: Callable[[], Any]) -> Any:
    """What the group's coordinator answers. Raises `KafkaException`."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        try:
            return ask()
        except KafkaException as error:
            if error.args[0].code() not in NO_COORDINATOR or time.monotonic() > deadline:
                raise
            time.sleep(POLL_S)


def ends(settings: Settings, topic: str) -> dict[int, int]:
    """The offset after the last record of each partition, now."""
    return {p: high for p, (_, high) in offsets(settings, topic).items()}


def lag(settings: Settings, group: str, topic: str, upto: Mapping[int, int]) -> int:
    """How many records before `upto` a group hasn't committed yet."""
    done = committed(settings, group, topic)
    return sum(max(0, high - done.get(p, 0)) for p, high in upto.items())
