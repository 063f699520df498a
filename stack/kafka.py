"""Kafka: one process that is broker and controller (KRaft)."""

from __future__ import annotations

import base64
import uuid
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from risk.settings import Settings
from stack import process
from stack.java import JARS, java
from stack.process import Home
from stack.quiet import SILENT
from stack.topics import create_topics, record_bytes

NAME = "kafka"
RETENTION_MS = 7 * 86_400_000
CLASSPATH = str(JARS / "kafka" / "*")
LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
)


class Kafka:
    """The embedded broker."""

    name = NAME

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home
        self._topics_exist = False

    def addresses(self) -> list[tuple[str, int]]:
        """The listener for clients, and the controller's."""
        kafka = self._settings.kafka
        return [(kafka.host, kafka.port), (kafka.host, kafka.controller_port)]

    def start(self) -> None:
        """Start the broker, over a freshly formatted folder the first time."""
        folder = self._home.folder(NAME)
        config = folder / "server.properties"
        config.write_text(properties(self._settings, folder), encoding="utf-8")
        if not (folder / "data" / "meta.properties").exists():
            process.run(
                self._home,
                "kafka-format",
                [
                    *(java(), "-cp", CLASSPATH, "kafka.tools.StorageTool"),
                    *("format", "--cluster-id", _cluster_id(), "--config", config),
                ],
            )
        heap = self._settings.kafka.heap_mb
        process.spawn(
            self._home,
            NAME,
            [
                *(java(), f"-Xms{heap}m", f"-Xmx{heap}m", "-XX:+UseG1GC"),
                *("-XX:MaxGCPauseMillis=20", "-XX:+ExitOnOutOfMemoryError"),
                *("-Djava.awt.headless=true", *LOGGING, "-cp", CLASSPATH, "kafka.Kafka", config),
            ],
            cwd=folder,
        )

    def problem(self) -> str | None:
        """Healthy: it names itself as broker, and the topics exist."""
        settings = self._settings
        address = f"{settings.kafka.host}:{settings.kafka.port}"
        admin = AdminClient({"bootstrap.servers": address, **SILENT})
        try:
            if not admin.list_topics(timeout=2).brokers:
                return "no broker has registered"
        except KafkaException:
            return f"no answer at {address}"
        if not self._topics_exist:
            create_topics(settings, address)
            self._topics_exist = True
        return None

    def stop(self) -> None:
        """Stop the broker, which closes its logs first."""
        process.stop(self._home, NAME)


def create(settings: Settings, home: Home) -> Kafka:
    """The server for these settings."""
    return Kafka(settings, home)


def properties(settings: Settings, folder: Path) -> str:
    """The text of `server.properties`."""
    kafka = settings.kafka
    client, controller = f"{kafka.host}:{kafka.port}", f"{kafka.host}:{kafka.controller_port}"
    largest = record_bytes(settings)
    values = {
        "node.id": 1,
        "process.roles": "broker,controller",
        "controller.quorum.voters": f"1@{controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{client},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{client}",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": folder / "data",
        "num.partitions": kafka.partitions,
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": 4,
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        "log.retention.ms": RETENTION_MS,
        "log.segment.bytes": 256 * 1024 * 1024,
        "message.max.bytes": largest,
        "replica.fetch.max.bytes": largest,
    }
    return "".join(f"{key}={value}\n" for key, value in values.items())


def _cluster_id() -> str:
    """What `StorageTool random-uuid` would print: a uuid that doesn't look like an option."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="))[0] == "-":
        pass
    return text
