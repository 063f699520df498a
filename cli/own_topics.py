"""Topics that one command alone uses: made anew, and removed when it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from msgspec.structs import asdict, replace

from cli.common import UserError
from risk.kafka_client import client_config
from risk.settings import Settings, Topics
from stack.topics import create_topics

TIMEOUT_S = 20.0
POLL_S = 0.1


def named(settings: Settings, prefix: str) -> Settings:
    """The settings with topics whose names begin so."""
    return replace(settings, topics=Topics(**{f: prefix + f for f in asdict(settings.topics)}))


def make(settings: Settings, names: Collection[str]) -> None:
    """Make these of the settings' topics anew, empty. Raises `UserError`."""
    admin = _admin(settings)
    try:
        _delete(admin, names)
        create_topics(settings, settings.kafka.servers, client_config(settings.kafka))
        _until(lambda: set(names) <= _existing(admin))
    except KafkaException as error:
        raise UserError(f"kafka: {error.args[0].str()}") from None


def remove(settings: Settings, names: Collection[str]) -> None:
    """Remove topics; one that isn't there is no error. Raises `UserError`."""
    try:
        _delete(_admin(settings), names)
    except KafkaException as error:
        raise UserError(f"kafka: {error.args[0].str()}") from None


def existing(settings: Settings) -> set[str]:
    """The names of all topics. Raises `UserError`."""
    try:
        return _existing(_admin(settings))
    except KafkaException as error:
        raise UserError(f"kafka: {error.args[0].str()}") from None


def _delete(admin: Any, names: Collection[str]) -> None:
    known = set(names) & _existing(admin)
    if known:
        for future in admin.delete_topics(sorted(known), request_timeout=TIMEOUT_S).values():
            future.result()
        _until(lambda: not known & _existing(admin))


def _existing(admin: Any) -> set[str]:
    return set(admin.list_topics(timeout=TIMEOUT_S).topics)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            raise UserError("kafka: the topics were not made in time: is the broker well?")
        time.sleep(POLL_S)


def _admin(settings: Settings) -> Any:
    return AdminClient(client_config(settings.kafka))
