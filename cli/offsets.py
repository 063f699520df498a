"""Where consumer groups are, and whether the delivery jobs have caught up."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from cli.common import UserError
from cli.kafka import client_config
from cli.topics import offsets
from risk.settings import Settings

TIMEOUT_S = 15.0


def committed(settings: Settings, group: str, topic: str) -> dict[int, int]:
    """What a group has committed, by partition; partitions without are left out."""
    asked = [TopicPartition(topic, p) for p in offsets(settings, topic)]
    admin = AdminClient(client_config(settings.kafka))
    (future,) = admin.list_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(group, asked)], request_timeout=TIMEOUT_S
    ).values()
    try:
        found = future.result().topic_partitions
    except KafkaException as error:
        raise UserError(f"group {group}: {error.args[0].str()}") from None
    return {tp.partition: tp.offset for tp in found if tp.offset >= 0}


def forget(settings: Settings, group: str) -> None:
    """Remove a group that nobody will use again. If the broker doesn't, it stays."""
    admin = AdminClient(client_config(settings.kafka))
    (future,) = admin.delete_consumer_groups([group], request_timeout=TIMEOUT_S).values()
    with contextlib.suppress(KafkaException):
        future.result()


def ends(settings: Settings, topic: str) -> dict[int, int]:
    """The offset after the last record of each partition, now."""
    return {p: high for p, (_, high) in offsets(settings, topic).items()}


def lag(settings: Settings, group: str, topic: str, upto: Mapping[int, int]) -> int:
    """How many records before `upto` a group hasn't committed yet."""
    done = committed(settings, group, topic)
    return sum(max(0, high - done.get(p, 0)) for p, high in upto.items())
