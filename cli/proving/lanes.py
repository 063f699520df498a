"""A proof's own topics: one stream, and for each run outputs of its own."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from msgspec.structs import asdict, replace

from cli import offsets as group_offsets
from cli.common import UserError
from cli.topics import offsets
from risk.kafka_client import client_config
from risk.settings import Settings, Topics
from stack.topics import create_topics

TIMEOUT_S = 20.0
OUTPUTS = ("scores", "alerts", "late", "dlq")


def stream(settings: Settings, name: str) -> Settings:
    """The settings with topics of a stream of that name."""
    names = {field: f"risk.prove.{name}.{field}" for field in asdict(settings.topics)}
    return replace(settings, topics=Topics(**names))


def outputs(settings: Settings, run: str) -> Settings:
    """A stream's settings with the outputs of a run of its own."""
    base = settings.topics.transactions.removesuffix("transactions")
    names = {field: f"{base}{run}.{field}" for field in OUTPUTS}
    return replace(settings, topics=replace(settings.topics, **names))


def make(lane: Settings, names: Collection[str]) -> None:
    """Make these of the lane's topics anew, empty. Raises `UserError`."""
    admin = _admin(lane)
    try:
        _delete(admin, names)
        create_topics(lane, lane.kafka.servers)
        _until(lambda: set(names) <= _existing(admin))
    except KafkaException as error:
        raise UserError(f"kafka: {error.args[0].str()}") from None


def remove(lane: Settings, names: Collection[str]) -> None:
    """Remove topics; one that isn't there is no error."""
    _delete(_admin(lane), names)


def count(lane: Settings, topic: str) -> int:
    """How many records a topic has; 0 if there is no such topic."""
    if topic not in _existing(_admin(lane)):
        return 0
    return sum(high - low for low, high in offsets(lane, topic).values())


def committed(lane: Settings, group: str) -> int:
    """How many records of the stream a group has read, as of its job's last checkpoint."""
    return sum(group_offsets.committed(lane, group, lane.topics.transactions).values())


def _delete(admin: Any, names: Collection[str]) -> None:
    known = set(names) & _existing(admin)
    if known:
        for future in admin.delete_topics(sorted(known), request_timeout=TIMEOUT_S).values():
            future.result()
        _until(lambda: not known & _existing(admin))


def _existing(admin: Any) -> set[str]:
    return set(admin.list_topics(timeout=TIMEOUT_S).topics)


def _until(condition: Any) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            raise UserError("kafka: the topics were not made in time: is the broker well?")
        time.sleep(0.1)


def _admin(lane: Settings) -> Any:
    return AdminClient(client_config(lane.kafka))
