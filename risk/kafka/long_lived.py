"""Clients that live long: once their password's file holds another, they log in with that.

Connections that are open stay so; the next ones are made with what the file holds. What is short
is told the password once (`risk.kafka.client`).
"""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from risk.config.settings import Kafka
from risk.kafka.client import client_config
from risk.secret_file import secret

EVERY_S: Final = 1.0


class _Consumer(Consumer):  # type: ignore[misc]
    """One that can be referred to weakly."""


class _Producer(Producer):  # type: ignore[misc]
    """Likewise."""


@dataclass
class _Followed:
    """A client as long as it is used, its account, and the password that it was told last."""

    client: weakref.ReferenceType[Any]
    user: str
    file: str
    told: str


_followed: list[_Followed] = []
_lock = threading.Lock()
_started = threading.Event()


def consumer(kafka: Kafka, config: Mapping[str, Any]) -> Consumer:
    """A consumer with these settings besides those of servers and security."""
    security = client_config(kafka)
    return _follow(_Consumer({**security, **config}), kafka, security)


def producer(kafka: Kafka, config: Mapping[str, Any]) -> Producer:
    """A producer, likewise."""
    security = client_config(kafka)
    return _follow(_Producer({**security, **config}), kafka, security)


def admin(kafka: Kafka, config: Mapping[str, Any] | None = None) -> AdminClient:
    """A client that asks and administers, likewise."""
    security = client_config(kafka)
    return _follow(AdminClient({**security, **(config or {})}), kafka, security)


def _follow(client: Any, kafka: Kafka, security: Mapping[str, Any]) -> Any:
    user, file, told = kafka.sasl_username, kafka.sasl_password_file, security.get("sasl.password")
    if user is not None and file is not None and told is not None:
        with _lock:
            _followed.append(_Followed(weakref.ref(client), user, file, told))
            if not _started.is_set():
                threading.Thread(target=_run, name="kafka-passwords", daemon=True).start()
                _started.set()
    return client


def _run() -> None:
    while True:
        time.sleep(EVERY_S)
        look()


def look() -> None:
    """Tell each client that was told another password what its file holds now."""
    with _lock:
        _followed[:] = [one for one in _followed if one.client() is not None]
        every = [*_followed]
    held: dict[str, str | None] = {}
    for one in every:
        if one.file not in held:
            held[one.file] = None
            with contextlib.suppress(OSError):  # at the next look
                held[one.file] = secret(None, one.file)
        now, client = held[one.file], one.client()
        if now is not None and now != one.told and client is not None:
            with contextlib.suppress(KafkaException, RuntimeError):  # one that was closed
                client.set_sasl_credentials(one.user, now)
            one.told = now
