"""What scoring relies on of the topic that it reads: the broker's times, and that it stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from risk.config.settings import Kafka
from risk.engine.stages.base import Store
from risk.kafka.answers import TIMEOUT_S, answered
from risk.kafka.client import client_config
from risk.kafka.topic_settings import COMPRESSION, TIMES, fault

ID: Final = "id"


class TopicFault(Exception):
    """The topic can't be scored: the message says why, and the way out."""


class Topic(NamedTuple):
    """What the broker says of a topic: its id, which another of that name will not have."""

    id: str
    timestamps: str  # CreateTime or LogAppendTime
    compression: str  # producer, uncompressed, or the codec that it is stored with


def look(kafka: Kafka, name: str) -> Topic:
    """Ask the broker. Raises `KafkaException`."""
    admin = AdminClient(client_config(kafka))
    asked = [ConfigResource(ResourceType.TOPIC, name)]

    def described() -> Any:
        (future,) = admin.describe_topics(
            TopicCollection([name]), request_timeout=TIMEOUT_S
        ).values()
        return future.result()

    def configured() -> Any:
        (future,) = admin.describe_configs(asked, request_timeout=TIMEOUT_S).values()
        return future.result()

    config = answered(configured)
    return Topic(str(answered(described).topic_id), config[TIMES].value, config[COMPRESSION].value)


def check_times(topic: Topic, name: str, servers: str) -> None:
    """Raises `TopicFault` unless the broker's clock says when a record came."""
    if why := fault(name, topic.timestamps, servers):
        raise TopicFault(why)


def check_same(store: Store, topic: Topic, name: str) -> None:
    """See that the state is of this very topic, and note which it is if that isn't known.

    Raises `TopicFault`. Offsets begin anew in a topic that was made again: what the state says was
    read would be left out.
    """
    known = next((blob.decode() for key, blob in store.items() if key == ID), None)
    if known is None:
        store.put(ID, topic.id.encode())
    elif known != topic.id:
        raise TopicFault(
            f"topic {name} was deleted and made again: its offsets are not those that this job has "
            "read: cancel it, and start it without its state: risk submit all --anew"
        )


def asked(ask: Callable[[], Topic]) -> Topic | None:
    """The answer; None if the broker can't be asked now."""
    try:
        return ask()
    except KafkaException:
        return None
