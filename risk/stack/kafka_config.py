"""The text of a Kafka node's `server.properties`."""

from __future__ import annotations

from collections.abc import Sequence

from risk.config.settings import Settings
from risk.config.types import in_url
from risk.kafka.topics import record_bytes
from risk.stack import kafka_security
from risk.stack.kafka_nodes import Node
from risk.stack.process import Home

RETENTION_MS = 7 * 86_400_000


def properties(
    settings: Settings, node: Node, nodes: Sequence[Node], secure: Home | None = None
) -> str:
    """What the node is told; `nodes` are all of the cluster, each a voter.

    `secure` is the home of a secure stack, which has the keys. Else there is a password in it, if
    Kafka has one for all. Raises `StackError` for security it can't have here.
    """
    kafka = settings.kafka
    host = in_url(kafka.host)
    voters = (f"{other.id}@{host}:{other.controller_port}" for other in nodes)
    largest = record_bytes(settings)
    values = {
        "node.id": node.id,
        "process.roles": "broker,controller",
        "controller.quorum.voters": ",".join(voters),
        "controller.listener.names": "CONTROLLER",
        **kafka_security.listeners(kafka, node, secure),
        "log.dirs": node.folder / "data",
        "num.partitions": kafka.partitions,
        "default.replication.factor": kafka.replicas,
        "min.insync.replicas": kafka.in_sync,
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": 4,
        "offsets.topic.replication.factor": kafka.replicas,
        "transaction.state.log.num.partitions": 4,
        "transaction.state.log.replication.factor": kafka.replicas,
        "transaction.state.log.min.isr": kafka.in_sync,
        "share.coordinator.state.topic.replication.factor": kafka.replicas,
        "share.coordinator.state.topic.min.isr": kafka.in_sync,
        "group.initial.rebalance.delay.ms": 0,
        "log.retention.ms": RETENTION_MS,
        "log.segment.bytes": 256 * 1024 * 1024,
        "message.max.bytes": largest,
        "replica.fetch.max.bytes": largest,
    }
    return "".join(f"{key}={value}\n" for key, value in values.items())
