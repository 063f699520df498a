"""A broker that asks a client for a certificate is shown the one of the settings."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from cryptography import x509

from flink_jobs import connector
from risk.config.settings import Kafka, SettingsError, parse
from risk.kafka.client import client_config
from risk.kafka.quiet import SILENT
from risk.stack import authority
from risk.stack.process import Home

Seen = list[str | None]  # the names on the certificates that were shown, None where none was


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def asking(home: Home) -> Iterator[tuple[int, Seen]]:
    """A port that asks each client for a certificate of the authority and then closes."""
    files = authority.files(home, "broker")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    context.load_verify_locations(files.authority)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # in which the handshake itself asks for it
    seen: Seen = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(plain, server_side=True) as inside:
                        shown = inside.getpeercert(binary_form=True) or b""
                    subject = x509.load_der_x509_certificate(shown).subject
                    seen.append(subject.rfc4514_string())
                except OSError:
                    seen.append(None)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], seen
        listener.shutdown(socket.SHUT_RDWR)


def settings(home: Home, port: int, identity: Path | None) -> Kafka:
    return Kafka(
        bootstrap=f"127.0.0.1:{port}",
        security_protocol="SSL",
        ssl_ca_location=str(authority.authority(home)),
        ssl_identity_location=str(identity) if identity else None,
    )


def test_the_certificate_is_shown(home: Home, asking: tuple[int, Seen], tmp_path: Path) -> None:
    port, seen = asking
    files = authority.files(home, "scoring")
    identity = tmp_path / "identity.pem"
    identity.write_text(files.key.read_text() + files.certificate.read_text())
    kafka = settings(home, port, identity)
    with pytest.raises(KafkaException):
        AdminClient({**client_config(kafka), **SILENT}).list_topics(timeout=5)
    assert seen[0] == "CN=scoring"
    options = connector.client(kafka)
    assert options["properties.ssl.keystore.type"] == "PEM"
    assert options["properties.ssl.keystore.location"] == str(identity)


def test_without_one_a_client_is_refused(home: Home, asking: tuple[int, Seen]) -> None:
    port, seen = asking
    with pytest.raises(KafkaException):
        AdminClient({**client_config(settings(home, port, None)), **SILENT}).list_topics(timeout=5)
    assert set(seen) == {None}


def test_without_tls_it_has_no_use() -> None:
    with pytest.raises(SettingsError, match=r"kafka\.ssl_identity_location: kafka\.security_pr"):
        parse("kafka: {ssl_identity_location: /x}", {})
