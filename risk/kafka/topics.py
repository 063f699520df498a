"""The topics: made if they are missing, listed and deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import Future
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)
from msgspec.structs import asdict

from risk.config.settings import Settings
from risk.errors import StackError
from risk.kafka.client import client_config
from risk.kafka.quiet import SILENT
from risk.kafka.topic_settings import BROKERS, COMPRESSION, STORED, TIMES, advice, fault
from risk.waiting import until

TIMEOUT_S = 20.0
POLL_S = 0.1


def create_topics(
    settings: Settings, servers: str, security: Mapping[str, Any] | None = None
) -> list[str]:
    """Create those topics of `settings.topics` that don't exist yet, on the broker at `servers`.

    `security` are options of the client. Their names; raises `StackError`, also if the topic of
    transactions is there, and can't be scored.
    """
    admin = AdminClient({**(security or {}), "bootstrap.servers": servers, **SILENT})
    known = _listed(admin)
    if settings.topics.transactions in known:
        _check(settings, admin)
    missing = [
        _topic(settings, name) for name in asdict(settings.topics).values() if name not in known
    ]
    if not missing:
        return []
    futures: dict[str, Future[Any]] = admin.create_topics(missing, request_timeout=TIMEOUT_S)
    for name, future in futures.items():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise StackError(f"kafka: topic {name}: {error.args[0].str()}") from None
    _wait_for_leaders(admin, list(futures))
    return list(futures)


def topic_advice(settings: Settings) -> str | None:
    """What had better be changed of the topic of transactions. Raises `StackError`."""
    found = _configured(_admin(settings), settings.topics.transactions)
    return advice(settings.topics.transactions, found[COMPRESSION], settings.kafka.servers)


class Retention(NamedTuple):
    """For how long a topic keeps records, in ms; -1: without an end. `segment_ms` is after which
    time a new segment is begun: Kafka removes whole ones alone.
    """

    ms: int
    segment_ms: int
    compacted: bool


def retention(settings: Settings, name: str) -> Retention:
    """That of a topic that is there. Raises `StackError`."""
    found = _configured(_admin(settings), name)
    policies = found["cleanup.policy"].split(",")
    kept = int(found["retention.ms"]) if "delete" in policies else -1
    return Retention(kept, int(found["segment.ms"]), "compact" in policies)


def existing_topics(settings: Settings) -> set[str]:
    """The names of all topics. Raises `StackError`."""
    return set(_listed(_admin(settings)))


def delete_topics(settings: Settings, names: Collection[str]) -> None:
    """Delete those of the topics that there are, and wait until they are gone.

    Raises `StackError`.
    """
    admin = _admin(settings)
    known = set(names) & set(_listed(admin))
    if not known:
        return
    for name, future in admin.delete_topics(sorted(known), request_timeout=TIMEOUT_S).items():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise StackError(f"kafka: topic {name}: {error.args[0].str()}") from None
    if not until(lambda: not known & set(_listed(admin)), TIMEOUT_S, POLL_S):
        raise StackError(f"kafka: still there: {', '.join(sorted(known))}: is the broker well?")


def _check(settings: Settings, admin: AdminClient) -> None:
    """See whether the topic of transactions is as it would be made."""
    name, servers = settings.topics.transactions, settings.kafka.servers
    found = _configured(admin, name)
    if why := fault(name, found[TIMES], servers):
        raise StackError(why)
    if found[COMPRESSION] != STORED and settings.kafka.bootstrap is None:  # by an earlier version
        entry = ConfigEntry(COMPRESSION, STORED, incremental_operation=AlterConfigOpType.SET)
        changed = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry])
        _answer(name, admin.incremental_alter_configs([changed], request_timeout=TIMEOUT_S))


def _configured(admin: AdminClient, name: str) -> dict[str, str]:
    """The settings of a topic, by name."""
    asked = [ConfigResource(ResourceType.TOPIC, name)]
    found = _answer(name, admin.describe_configs(asked, request_timeout=TIMEOUT_S))
    return {setting: entry.value for setting, entry in found.items()}


def _answer(name: str, futures: Mapping[Any, Future[Any]]) -> Any:
    (future,) = futures.values()
    try:
        return future.result()
    except KafkaException as error:
        raise StackError(f"kafka: topic {name}: {error.args[0].str()}") from None


def _admin(settings: Settings) -> AdminClient:
    return AdminClient({**client_config(settings.kafka), **SILENT})


def _listed(admin: AdminClient) -> Mapping[str, Any]:
    try:
        topics: Mapping[str, Any] = admin.list_topics(timeout=TIMEOUT_S).topics
    except KafkaException as error:
        raise StackError(f"kafka: {error.args[0].str()}") from None
    return topics


def _wait_for_leaders(admin: AdminClient, names: list[str]) -> None:
    """A topic that was made a moment ago is there only once each partition of it has a leader."""

    def led() -> bool:
        found = _listed(admin)
        return all(name in found and _led(found[name]) for name in names)

    if not until(led, TIMEOUT_S, POLL_S):
        raise StackError(f"kafka: no leader for every partition of {', '.join(names)}")


def _led(topic: Any) -> bool:
    partitions = topic.partitions.values()
    return topic.error is None and all(p.error is None and p.leader >= 0 for p in partitions)


def _topic(settings: Settings, name: str) -> Any:
    config = {
        "max.message.bytes": str(record_bytes(settings)),
        "min.insync.replicas": str(settings.kafka.in_sync),
    }
    topics = settings.topics
    if name in (topics.transactions, topics.scores, topics.feedback, topics.control):
        # The broker's clock says when a record came: no producer can backdate one, and from an
        # event to its score is measured by one clock.
        config[TIMES] = BROKERS
    if name == settings.topics.transactions:
        config[COMPRESSION] = STORED
    if name == topics.control:  # a job that starts reads all of it: whose payments are whose
        config["retention.ms"] = "-1"
    return NewTopic(
        name,
        num_partitions=new_partitions(settings, name),
        replication_factor=settings.kafka.replicas,
        config=config,
    )


def new_partitions(settings: Settings, name: str) -> int:
    """How many partitions a topic is made with."""
    return 1 if name == settings.topics.control else settings.kafka.partitions


def record_bytes(settings: Settings) -> int:
    """The largest batch the broker takes: one record of the largest size and its envelope."""
    return settings.kafka.max_record_bytes + 4096
