"""Kafka in a secure stack: TLS alone, and passwords that are told nobody but whose they are."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException
from msgspec.structs import replace

from flink_jobs import connector
from risk.config import names
from risk.config.settings import Kafka, Settings
from risk.errors import StackError
from risk.kafka import long_lived
from risk.kafka.quiet import SILENT
from risk.stack import authority
from risk.stack.private import write_private
from risk.stack.process import Home, alive
from risk.stack.roles import accounts
from risk.stack.rotation import rotate
from risk.stack.up import up
from risk.waiting import until
from tests.integration.secure_kafka import (
    ANSWER_S,
    account,
    gets_in,
    written,
)
from tests.integration.secure_stack import Secure, all_holders, readable, running
from tests.integration.test_stack import quiet

ALERTS, SCORES, DLQ = "risk.alerts", "risk.scores", "risk.dlq"


@pytest.fixture(scope="module")
def secure(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    with running(settings, tmp_path_factory.mktemp("secure"), "kafka") as found:
        yield found


def test_without_an_account_nobody_gets_in(secure: Secure) -> None:
    kafka = account(secure, "ops")
    wrong = replace(kafka, sasl_password="wrong", sasl_password_file=None)
    unknown = replace(wrong, sasl_username="somebody")
    bare = replace(
        kafka,
        security_protocol="SSL",
        sasl_mechanism=None,
        sasl_username=None,
        sasl_password_file=None,
    )
    assert gets_in(kafka)
    assert [gets_in(one) for one in (wrong, unknown, bare)] == [False] * 3


def test_a_client_in_plaintext_gets_in_nowhere(secure: Secure) -> None:
    kafka = account(secure, "ops")
    plain = Kafka(port=kafka.port)
    with_password = replace(kafka, security_protocol="SASL_PLAINTEXT", ssl_ca_location=None)
    ports = (kafka.port, kafka.controller_port, kafka.broker_port)
    for one in (plain, with_password):
        assert not any(gets_in(replace(one, port=port)) for port in ports)


def test_a_broker_of_another_authority_is_refused(secure: Secure, tmp_path: Path) -> None:
    other = authority.authority(Home(tmp_path / "other"))
    assert not gets_in(replace(account(secure, "ops"), ssl_ca_location=str(other)))


@pytest.mark.parametrize("port", ["controller_port", "broker_port"])
def test_between_brokers_a_certificate_is_asked_for(secure: Secure, port: str) -> None:
    kafka = account(secure, "admin")
    context = ssl.create_default_context(cafile=kafka.ssl_ca_location)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # in which the handshake itself asks for it
    with (
        socket.create_connection((kafka.host, getattr(kafka, port)), 10) as plain,
        pytest.raises((ssl.SSLError, ConnectionResetError)),
    ):
        context.wrap_socket(plain, server_hostname=kafka.host)


def test_another_certificate_of_the_authority_may_do_nothing_there(secure: Secure) -> None:
    files = authority.files(secure.home, "somebody")
    identity = secure.home.path / "secrets" / "tls" / "somebody-both.pem"
    write_private(identity, files.key.read_text() + files.certificate.read_text())
    kafka = secure.as_role("ops").kafka
    own = Kafka(
        bootstrap=f"{kafka.host}:{kafka.broker_port}",
        security_protocol="SSL",
        ssl_ca_location=str(files.authority),
        ssl_identity_location=str(identity),
    )
    assert gets_in(own)  # by its certificate alone: mutual TLS
    assert written(own, SCORES) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    brokers = replace(own, ssl_identity_location=str(secure.home.path / "kafka/identity.pem"))
    assert written(brokers, DLQ) is None


def test_jobs_are_told_the_file_and_not_the_password(secure: Secure) -> None:
    told = connector.client(account(secure, "redis"))
    jaas = told["properties.sasl.jaas.config"]
    assert 'username="risk-deliver-redis"' in jaas
    assert f'password="${{directory:{secure.home.path}/secrets:kafka-deliver-redis}}"' in jaas


def test_passwords_are_in_their_files_alone(secure: Secure) -> None:
    passwords = {
        (secure.home.path / f"secrets/kafka-{one}").read_text(encoding="ascii"): one
        for one in accounts("kafka")
    }
    assert len(passwords) == 12
    holders = all_holders(secure.home, passwords)
    assert holders == {text: [f"secrets/kafka-{one}"] for text, one in passwords.items()}
    assert readable(secure.home) == []
    pid = alive(secure.home, "kafka")
    assert pid is not None
    process = psutil.Process(pid)
    shown = " ".join([*process.cmdline(), *process.environ().values()])
    assert not any(text in shown for text in passwords)
    for name in ("kafka/server.properties", "kafka/identity.pem"):
        assert (secure.home.path / name).stat().st_mode & 0o077 == 0
    assert not (secure.home.path / "kafka/format").exists()


def test_passwords_change_while_clients_are_connected(secure: Secure) -> None:
    file = secure.home.path / "secrets" / "kafka-console"
    before, kafka = file.read_text(encoding="ascii"), account(secure, "console")
    reader = long_lived.consumer(kafka, {**SILENT, "group.id": names.CONSOLE_READER})
    with closing(reader):
        assert ALERTS in reader.list_topics(timeout=ANSWER_S).topics
        assert len(rotate(secure.bare, secure.home, ["kafka"])) == len(accounts("kafka"))
        assert ALERTS in reader.list_topics(timeout=ANSWER_S).topics  # open ones stay so
        old = replace(kafka, sasl_password=before, sasl_password_file=None)
        assert not gets_in(old)
        assert gets_in(kafka)
        process = psutil.Process(alive(secure.home, "kafka") or 0)
        process.terminate()
        process.wait(30)
        up(secure.bare, secure.home, ["kafka"], quiet)  # it makes nothing anew
        assert until(lambda: _listed(reader), 30)  # a client that lives long logs in by itself
    assert readable(secure.home) == []


def _listed(consumer: Consumer) -> bool:
    try:
        return ALERTS in consumer.list_topics(timeout=2).topics
    except KafkaException:
        return False


def test_a_rotation_that_was_interrupted_goes_on(secure: Secure) -> None:
    admin = secure.home.path / "secrets" / "kafka-admin"
    current = admin.read_text(encoding="ascii")
    rotate(secure.bare, secure.home, ["kafka"])
    admin.rename(admin.with_name("kafka-admin.next"))  # told to the brokers, not yet in place
    write_private(admin, current)
    rotate(secure.bare, secure.home, ["kafka"])
    assert gets_in(account(secure, "admin"))


def test_an_account_of_settings_is_no_account_here(secure: Secure) -> None:
    process = psutil.Process(alive(secure.home, "kafka") or 0)
    process.terminate()
    process.wait(30)
    kafka = replace(
        secure.bare.kafka,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="PLAIN",
        sasl_username="mine",
        sasl_password="x",
    )
    with pytest.raises(StackError, match="the brokers of a secure stack have accounts of their"):
        up(replace(secure.bare, kafka=kafka), secure.home, ["kafka"], quiet)
