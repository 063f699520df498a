"""A server whose certificate is another host's is refused, though its authority is trusted."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import elasticsearch as elastic
import pytest
import redis as redis_client

from risk.config.settings import Elasticsearch, Postgres, Redis, Settings
from risk.engine.delivery import Unavailable
from sinks.elasticsearch import client as elasticsearch
from sinks.postgres import connect as postgres
from sinks.redis import client as redis
from tests.needs import program

SSL_REQUEST = bytes((0, 0, 0, 8, 4, 210, 22, 47))  # what a client of Postgres' begins with


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of `other.example`, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    command = (
        f"{program('openssl')} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other.example"
    )
    names = "-addext subjectAltName=DNS:other.example"
    files = f"-keyout {folder}/key.pem -out {folder}/cert.pem"
    subprocess.run(f"{command} {names} {files}".split(), check=True, capture_output=True)
    return folder


@pytest.fixture
def port(certificate: Path) -> Iterator[int]:
    """Where a server shakes hands and then closes; what clients said goes to nobody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                try:
                    if plain.recv(8, socket.MSG_PEEK) == SSL_REQUEST:
                        plain.recv(8)
                        plain.send(b"S")
                    context.wrap_socket(plain, server_side=True).close()
                except OSError:
                    plain.close()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def test_redis(certificate: Path, port: int) -> None:
    own = Redis(host="127.0.0.1", port=port, tls=True, ca_location=str(certificate / "cert.pem"))
    with pytest.raises(redis_client.ConnectionError, match="IP address mismatch"):
        redis.connect(Settings(redis=own)).ping()


def test_postgres(certificate: Path, port: int) -> None:
    own = Postgres(host="127.0.0.1", port=port, ca_location=str(certificate / "cert.pem"))
    with pytest.raises(Unavailable, match="does not match host name"):
        postgres.connect(Settings(postgres=own))


def test_elasticsearch(certificate: Path, port: int) -> None:
    ca = str(certificate / "cert.pem")
    own = Elasticsearch(host="127.0.0.1", port=port, tls=True, ca_location=ca)
    with pytest.raises(elastic.TransportError, match="TLS error"):
        elasticsearch.connect(Settings(elasticsearch=own)).info()
