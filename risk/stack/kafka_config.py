"""The text of a Kafka node's `server.properties`."""

from __future__ import annotations

from collections.abc import Sequence

from risk.config.settings import Kafka, Settings
from risk.config.types import in_url
from risk.errors import StackError
from risk.kafka.client import unquotable
from risk.kafka.topics import record_bytes
from risk.stack.kafka_nodes import Node

RETENTION_MS = 7 * 86_400_000


def properties(settings: Settings, node: Node, nodes: Sequence[Node]) -> str:
    """What the node is told; `nodes` are all of the cluster, each a voter.

    With a password in it, if Kafka has one. Raises `StackError` for security it can't have here.
    """
    kafka = settings.kafka
    host = in_url(kafka.host)
    client, controller = f"{host}:{node.port}", f"{host}:{node.controller_port}"
    voters = (f"{other.id}@{host}:{other.controller_port}" for other in nodes)
    largest = record_bytes(settings)
    values = {
        "node.id": node.id,
        "process.roles": "broker,controller",
        "controller.quorum.voters": ",".join(voters),
        "controller.listener.names": "CONTROLLER",
        "listeners": f"{kafka.security_protocol}://{client},CONTROLLER://{controller}",
        "advertised.listeners": f"{kafka.security_protocol}://{client}",
        "inter.broker.listener.name": kafka.security_protocol,
        **_security(kafka),
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


def _security(kafka: Kafka) -> dict[str, str]:
    """Of the clients' listener: none, or one user with a password."""
    protocol, mechanism = kafka.security_protocol, kafka.sasl_mechanism
    found = {"listener.security.protocol.map": f"{protocol}:{protocol},CONTROLLER:PLAINTEXT"}
    if protocol == "PLAINTEXT":
        return found
    user, password = kafka.sasl_username, kafka.sasl_password
    if (protocol, mechanism) != ("SASL_PLAINTEXT", "PLAIN") or not user or not password:
        raise StackError(
            "kafka: the embedded brokers take security_protocol PLAINTEXT, or SASL_PLAINTEXT with "
            "sasl_mechanism PLAIN, sasl_username and sasl_password"
        )
    if fault := unquotable(kafka):
        raise StackError(fault)
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    jaas = f'{module} required username="{user}" password="{password}" user_{user}="{password}";'
    return found | {
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": jaas,
    }
