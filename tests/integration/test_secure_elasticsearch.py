"""Elasticsearch in a secure stack: TLS alone, and an account for each role with what it needs."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import elasticsearch as elastic
import pytest
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.stack import authority
from risk.stack.process import Home
from risk.stack.rotation import rotate
from sinks import elasticsearch as store
from sinks.elasticsearch.client import connect
from tests.contract.messages import ACTIVE, score
from tests.integration.secure_stack import Secure, holders, readable, running

INDEX = "risk-scores-2025.03"


@pytest.fixture(scope="module")
def secure(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    with running(settings, tmp_path_factory.mktemp("secure"), "elasticsearch") as found:
        writing = store.create(found.as_role("jobs"))
        writing.open()
        assert writing.write([score("a", points=50)]).rows == 1
        writing.close()
        yield found


def test_the_writer_writes_and_the_reader_reads(secure: Secure) -> None:
    found = list(store.scan(secure.as_role("reader"), *ACTIVE))
    assert [row.event_id for row in found] == ["a"]


def test_a_reader_can_not_write(secure: Secure) -> None:
    with connect(secure.as_role("reader")) as client:
        with pytest.raises(elastic.AuthorizationException):
            client.index(index=INDEX, document={"x": 1})
        with pytest.raises(elastic.AuthorizationException):
            client.delete(index=INDEX, id="a")
        with pytest.raises(elastic.AuthorizationException):
            client.search(index="somebody-elses")


def test_a_delivery_can_not_delete_an_index_or_reach_another(secure: Secure) -> None:
    with connect(secure.as_role("jobs")) as client:
        with pytest.raises(elastic.AuthorizationException):
            client.indices.delete(index=INDEX)
        with pytest.raises(elastic.AuthorizationException):
            client.index(index="somebody-elses", document={"x": 1})
        with pytest.raises(elastic.AuthorizationException):
            client.cluster.put_settings(persistent={"search.max_buckets": 1})


def test_without_an_account_nobody_gets_in(secure: Secure) -> None:
    bare = secure.as_role("jobs")
    own = replace(bare.elasticsearch, username=None, password_file=None)
    wrong = replace(bare.elasticsearch, password="wrong", password_file=None)
    built_in = replace(wrong, username="elastic", password="changeme")
    for where in (own, wrong, built_in):
        with pytest.raises(elastic.AuthenticationException):
            connect(replace(bare, elasticsearch=where)).info()


def test_a_client_in_plaintext_gets_in_nowhere(secure: Secure) -> None:
    bare = secure.as_role("jobs")
    own = replace(bare.elasticsearch, tls=False, ca_location=None)
    with pytest.raises(elastic.TransportError):
        connect(replace(bare, elasticsearch=own)).info()


def test_a_server_of_another_authority_is_refused(secure: Secure, tmp_path: Path) -> None:
    other = authority.authority(Home(tmp_path / "other"))
    bare = secure.as_role("jobs")
    own = replace(bare.elasticsearch, ca_location=str(other))
    with pytest.raises(elastic.TransportError, match="TLS error"):
        connect(replace(bare, elasticsearch=own)).info()


def test_between_nodes_it_takes_its_own_certificate_alone(secure: Secure) -> None:
    own = secure.as_role("jobs").elasticsearch
    context = ssl.create_default_context(cafile=own.ca_location)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # in which the handshake itself asks for it
    with (
        socket.create_connection((own.host, own.transport_port), 10) as plain,
        pytest.raises((ssl.SSLError, ConnectionResetError)),
    ):
        context.wrap_socket(plain, server_hostname=own.host)


def test_a_wipe_is_for_operations(secure: Secure) -> None:
    with pytest.raises(Unavailable):
        store.wipe(secure.as_role("jobs"))
    store.wipe(secure.as_role("ops"))
    assert list(store.scan(secure.as_role("reader"), *ACTIVE)) == []


def test_passwords_change_while_it_runs(secure: Secure) -> None:
    file = secure.home.path / "secrets" / "elasticsearch-reader"
    before = file.read_text(encoding="ascii")
    assert len(rotate(secure.bare, secure.home, ["elasticsearch"])) == 4
    own = secure.as_role("reader")
    assert list(store.scan(own, *ACTIVE)) == []
    old = replace(own.elasticsearch, password=before, password_file=None)
    with (
        connect(replace(own, elasticsearch=old)) as client,
        pytest.raises(elastic.AuthenticationException),
    ):
        client.search(index=INDEX)


def test_passwords_are_in_their_files_alone(secure: Secure) -> None:
    for account in ("admin", "ops", "reader", "writer"):
        file = f"secrets/elasticsearch-{account}"
        password = (secure.home.path / file).read_text(encoding="ascii")
        assert holders(secure.home, password) == [file]
    assert readable(secure.home) == []
