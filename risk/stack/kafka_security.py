"""What a Kafka node is told of security: nothing, one password, or all of a secure stack's.

A secure one has a listener for clients, by TLS and with an account each. Between brokers, and to
controllers, whoever connects shows the brokers' certificate: so no node is told a password, and a
rotation doesn't concern them.
"""

from __future__ import annotations

from pathlib import Path

from risk.config.names import user_of
from risk.config.settings import Kafka
from risk.config.types import in_url
from risk.errors import StackError
from risk.kafka.client import unquotable
from risk.stack import authority
from risk.stack.kafka_nodes import NAME, Node
from risk.stack.private import write_private
from risk.stack.process import Home
from risk.stack.roles import KAFKA, MECHANISM

BROKERS = "BROKERS"  # the listener between them
_MODULES = "org.apache.kafka.common.security"
_ITSELF = f"User:CN={NAME}"  # the brokers, by their certificate


def listeners(kafka: Kafka, node: Node, secure: Home | None) -> dict[str, object]:
    """The settings of a node's listeners. Raises `StackError` for what can't be had here."""
    host = in_url(kafka.host)
    protocol, client = kafka.security_protocol, f"{host}:{node.port}"
    controller = f"CONTROLLER://{host}:{node.controller_port}"
    if secure is not None:
        between = f"{BROKERS}://{host}:{node.broker_port}"
        return {
            "listeners": f"SASL_SSL://{client},{between},{controller}",
            "advertised.listeners": f"SASL_SSL://{client},{between}",
            "inter.broker.listener.name": BROKERS,
            **_secure(kafka, secure),
        }
    return {
        "listeners": f"{protocol}://{client},{controller}",
        "advertised.listeners": f"{protocol}://{client}",
        "inter.broker.listener.name": protocol,
        "listener.security.protocol.map": f"{protocol}:{protocol},CONTROLLER:PLAINTEXT",
        **_password(kafka),
    }


def identity(kafka: Kafka, home: Home) -> Path:
    """The brokers' key and certificate in one file, as Kafka wants them; written anew."""
    found = authority.files(home, NAME, [kafka.host])
    path = home.folder(NAME) / "identity.pem"
    write_private(path, found.key.read_text("ascii") + found.certificate.read_text("ascii"))
    return path


def _secure(kafka: Kafka, home: Home) -> dict[str, object]:
    admin = user_of(KAFKA, "admin")
    if kafka.sasl_username != admin:
        raise StackError(
            "kafka: the brokers of a secure stack have accounts of their own: leave out "
            "kafka.sasl_username and what goes with it"
        )
    ask = "ssl.client.auth"
    return {
        "listener.security.protocol.map": f"SASL_SSL:SASL_SSL,{BROKERS}:SSL,CONTROLLER:SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": identity(kafka, home),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": authority.authority(home),
        "ssl.enabled.protocols": "TLSv1.2,TLSv1.3",
        f"listener.name.{BROKERS.lower()}.{ask}": "required",
        f"listener.name.controller.{ask}": "required",
        "sasl.enabled.mechanisms": MECHANISM,
        f"listener.name.sasl_ssl.{MECHANISM.lower()}.sasl.jaas.config": (
            f"{_MODULES}.scram.ScramLoginModule required;"
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"{_ITSELF};User:{admin}",
    }


def _password(kafka: Kafka) -> dict[str, str]:
    """Of the clients' listener: none, or one user with a password."""
    protocol, mechanism = kafka.security_protocol, kafka.sasl_mechanism
    if protocol == "PLAINTEXT":
        return {}
    user, password = kafka.sasl_username, kafka.sasl_password
    if (protocol, mechanism) != ("SASL_PLAINTEXT", "PLAIN") or not user or not password:
        raise StackError(
            "kafka: the embedded brokers take security_protocol PLAINTEXT, or SASL_PLAINTEXT with "
            "sasl_mechanism PLAIN, sasl_username and sasl_password; `risk up --secure` gives them "
            "TLS and an account for each role"
        )
    if fault := unquotable(kafka):
        raise StackError(fault)
    module = f"{_MODULES}.plain.PlainLoginModule"
    jaas = f'{module} required username="{user}" password="{password}" user_{user}="{password}";'
    return {
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": jaas,
    }
