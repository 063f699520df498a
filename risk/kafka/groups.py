"""Where consumer groups are, and whether the delivery jobs have caught up."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from risk.config.names import ENDS_READER
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.answers import TIMEOUT_S, answered
from risk.kafka.client import client_config
from risk.kafka.group_offsets import GroupOffsets
from risk.kafka.readable import reader, record_end
from risk.kafka.scan import offsets


def committed(settings: Settings, group: str, topic: str) -> dict[int, int]:
    """What a group has committed, by partition; partitions without are left out."""
    asked = [(topic, p) for p in offsets(settings, topic)]
    with closing(GroupOffsets(settings.kafka)) as known:
        try:
            found = answered(lambda: known.committed([group], asked, TIMEOUT_S))
        except KafkaException as error:
            raise UserError(f"group {group}: {error.args[0].str()}") from None
    return {partition: offset for (_, partition), offset in found[group].items()}


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
        answered(ask)
    except KafkaException as error:
        if error.args[0].code() not in (KafkaError.GROUP_ID_NOT_FOUND, KafkaError.NON_EMPTY_GROUP):
            raise UserError(f"group {group}: {error.args[0].str()}") from None


def ends(settings: Settings, topic: str) -> dict[int, int]:
    """The offset after the last record of each partition that has any, now."""
    bounds = {p: bound for p, bound in offsets(settings, topic).items() if bound[0] < bound[1]}
    consumer = reader(settings.kafka, ENDS_READER)
    try:
        return {p: record_end(consumer, topic, p, low, high) for p, (low, high) in bounds.items()}
    except KafkaException as error:
        raise UserError(f"{topic}: {error.args[0].str()}") from None
    finally:
        consumer.close()


def lag(settings: Settings, group: str, topic: str, upto: Mapping[int, int]) -> int:
    """How many records before `upto` a group hasn't committed yet."""
    done = committed(settings, group, topic)
    return sum(max(0, high - done.get(p, 0)) for p, high in upto.items())
