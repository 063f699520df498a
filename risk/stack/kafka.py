"""Kafka in KRaft mode: one process that is broker and controller, or several of them."""

from __future__ import annotations

import base64
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from risk.config.settings import Settings
from risk.config.types import in_url
from risk.errors import StackError
from risk.kafka.client import client_config
from risk.kafka.quiet import SILENT
from risk.kafka.topics import create_topics
from risk.stack import kafka_accounts, kafka_nodes, process, secured
from risk.stack.java import JARS, java
from risk.stack.kafka_config import properties
from risk.stack.kafka_nodes import NAME, Node
from risk.stack.private import write_private
from risk.stack.process import Home

CONFIG = "server.properties"
ACCOUNTS = "accounts"  # in a node's folder: it was made with them
CLASSPATH = str(JARS / "kafka" / "*")
LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
)


class Kafka:
    """The embedded brokers."""

    name = NAME

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home
        self._nodes = kafka_nodes.nodes(settings, home)
        self._secure = secured.is_so(home)
        self._provided = False  # accounts and topics

    def addresses(self) -> list[tuple[str, int]]:
        """The listeners for clients, the controllers', and in a secure stack those between."""
        host = self._settings.kafka.host
        return [
            *((host, node.port) for node in self._nodes),
            *((host, node.controller_port) for node in self._nodes),
            *((host, node.broker_port) for node in self._nodes if self._secure),
        ]

    def processes(self) -> list[str]:
        """The brokers."""
        return [node.name for node in self._nodes]

    def start(self) -> None:
        """Start the brokers that aren't running, over freshly formatted folders the first time."""
        kafka_nodes.record(self._settings, self._home)
        dead = [node for node in self._nodes if not process.alive(self._home, node.name)]
        for node in dead:
            self._prepare(node)
        for node in dead:
            self._start(node)

    def problem(self) -> str | None:
        """Healthy: all brokers have registered, the topics exist, every replica is in sync."""
        settings = self._settings
        servers = ",".join(f"{in_url(settings.kafka.host)}:{node.port}" for node in self._nodes)
        dead = [node.name for node in self._nodes if not process.alive(self._home, node.name)]
        if dead:
            return f"{', '.join(dead)} is down: `risk up` starts it"
        security = client_config(settings.kafka)
        admin = AdminClient({**security, "bootstrap.servers": servers, **SILENT})
        try:
            found = admin.list_topics(timeout=2)
            if len(found.brokers) < len(self._nodes):
                return f"{len(found.brokers)} of {len(self._nodes)} brokers have registered"
        except KafkaException:
            return f"no answer at {servers}"
        if not self._provided:
            if self._secure:
                try:
                    kafka_accounts.make(admin, self._home, settings.topics)
                except StackError as error:  # brokers that have just started: asked again
                    return str(error)
            create_topics(settings, servers, security)
            self._provided = True
        behind = sum(
            len(partition.isrs) < len(partition.replicas)
            for topic in found.topics.values()
            for partition in topic.partitions.values()
        )
        return f"{behind} partitions have a replica that is behind" if behind else None

    def stop(self) -> None:
        """Stop the brokers, which close their logs first."""
        names = {node.name for node in self._nodes}
        # All at once: the last one alone would wait for controllers that are gone.
        with ThreadPoolExecutor(max_workers=len(names)) as pool:
            for stopping in [pool.submit(process.stop, self._home, name) for name in names]:
                stopping.result()

    def _prepare(self, node: Node) -> None:
        node.folder.mkdir(parents=True, exist_ok=True)
        config = node.folder / CONFIG
        secure = self._home if self._secure else None
        write_private(config, properties(self._settings, node, self._nodes, secure))
        formatted = (node.folder / "data" / "meta.properties").exists()
        if formatted and self._secure and not (node.folder / ACCOUNTS).exists():
            raise StackError(
                f"{node.folder} was made without accounts, by an earlier version: set data_dir to "
                f"a new folder, or remove {self._home.path / NAME}, which loses its records"
            )
        if not formatted:
            self._format(node, config)

    def _format(self, node: Node, config: Path) -> None:
        options = ["format", "--cluster-id", self._cluster_id(), "--config", str(config)]
        told = node.folder / "format"
        try:
            if self._secure:
                options += ["--add-scram", kafka_accounts.first(self._home)]
                write_private(node.folder / ACCOUNTS, "1\n")
            # By a file: others on the machine see what a command is given.
            write_private(told, "".join(f"{option}\n" for option in options))
            tool = (java(), "-cp", CLASSPATH, "kafka.tools.StorageTool", f"@{told}")
            process.run(self._home, f"{node.name}-format", tool)
        finally:
            told.unlink(missing_ok=True)

    def _start(self, node: Node) -> None:
        config = node.folder / CONFIG
        heap = self._settings.kafka.heap_mb
        process.spawn(
            self._home,
            node.name,
            [
                # All of its heap at once: it gets there anyhow, within hours, and what grows then
                # is a leak.
                *(java(), f"-Xms{heap}m", f"-Xmx{heap}m", "-XX:+AlwaysPreTouch", "-XX:+UseG1GC"),
                # It doesn't exit when memory runs out: a request that asks for more than there is,
                # as 300 MB of blanks in 300 kB do, fails alone. Without some threads it does end.
                "-XX:MaxGCPauseMillis=20",
                *self._settings.kafka.java_opts.split(),
                *("-Djava.awt.headless=true", *LOGGING, "-cp", CLASSPATH, "kafka.Kafka", config),
            ],
            cwd=node.folder,
        )

    def _cluster_id(self) -> str:
        """The cluster's id: what `StorageTool random-uuid` would print; made once.

        It must not look like an option, which it would with a hyphen in front.
        """
        path = self._home.folder(NAME) / "cluster-id"
        if not path.exists():
            while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode())[0] == "-":
                pass
            path.write_text(text.rstrip("="), encoding="ascii")
        return path.read_text(encoding="ascii")


def create(settings: Settings, home: Home) -> Kafka:
    """The server for these settings."""
    return Kafka(settings, home)
