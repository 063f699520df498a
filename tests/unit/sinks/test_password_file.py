"""A password's file is read at each connection, so that another one in it is taken up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_client

from flink_jobs import connector
from risk.cli.main import main
from risk.config.settings import Kafka, Redis, Settings, SettingsError, parse
from risk.engine.delivery import Unavailable
from risk.kafka.client import client_config
from risk.secret_file import secret
from sinks.elasticsearch.writer import ElasticsearchSink
from sinks.redis import client as redis


def test_what_is_given_wins_over_nothing_and_a_file_over_nothing(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n", encoding="utf-8")
    assert secret(None, None) is None
    assert secret("given", None) == "given"
    assert secret(None, str(file)) == "from a file"
    file.write_bytes(b"\xff")
    with pytest.raises(OSError, match="it is not UTF-8"):
        secret(None, str(file))
    file.unlink()
    with pytest.raises(FileNotFoundError):
        secret(None, str(file))


@pytest.mark.parametrize(
    "held", [b"", b"\n", b"\r\n\n", b"a\nb\n", b"a\0b", b"x" * 513, b"x" * 9_999]
)
def test_a_file_that_holds_no_secret_is_refused_and_not_shown(tmp_path: Path, held: bytes) -> None:
    file = tmp_path / "secret"
    file.write_bytes(held)
    with pytest.raises(OSError, match="expected 1 to 512 characters in one line") as caught:
        secret(None, str(file))
    assert caught.value.filename == str(file)
    assert "x" * 9 not in str(caught.value)


def test_the_longest_secret_is_taken_whole(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("\U0001f600" * 512 + "\n", encoding="utf-8")
    assert secret(None, str(file)) == "\U0001f600" * 512


@pytest.mark.parametrize("server", ["postgres", "redis", "elasticsearch"])
def test_a_command_names_the_setting_whose_file_holds_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    file = tmp_path / "secret"
    file.touch()
    monkeypatch.setenv(f"RISK_{server.upper()}__PASSWORD_FILE", str(file))
    assert main(["chaos", "--plan"]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"risk: {server}.password_file: {file}: expected 1 to 512 characters")


@pytest.fixture
def asked() -> Iterator[tuple[int, list[bytes]]]:
    """A port that closes each connection after its first words, and these words."""
    words: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    one, _ = listener.accept()
                except OSError:
                    return
                words.append(one.recv(200))
                one.close()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], words
        listener.shutdown(socket.SHUT_RDWR)


def test_redis_is_told_what_the_file_holds_by_then(
    tmp_path: Path, asked: tuple[int, list[bytes]]
) -> None:
    port, words = asked
    file = tmp_path / "secret"
    client = redis.connect(
        Settings(redis=Redis(port=port, username="writer", password_file=str(file)))
    )
    for password in ("first", "second"):
        file.write_text(password, encoding="utf-8")
        with pytest.raises(redis_client.ConnectionError):
            client.ping()
    assert [b"writer" in said for said in words] == [True, True]
    assert b"first" in words[0]
    assert b"second" in words[1]


def test_kafkas_clients_in_python_read_it(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("told", encoding="utf-8")
    kafka = Kafka(
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="scoring",
        sasl_password_file=str(file),
    )
    assert client_config(kafka)["sasl.password"] == "told"
    options = connector.client(kafka)  # a job's graph has the path, and not the password
    assert f'password="${{directory:{tmp_path}:secret}}"' in options["properties.sasl.jaas.config"]
    provider = options["properties.config.providers.directory.class"]
    assert provider.endswith(".config.provider.DirectoryConfigProvider")


def test_elasticsearch_without_its_file_is_unavailable(tmp_path: Path) -> None:
    own = parse(f"elasticsearch: {{password_file: {tmp_path}/none}}", {})
    with pytest.raises(Unavailable, match="No such file"):
        ElasticsearchSink(own).open()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("redis: {password: x, password_file: /x}", "redis.password_file: redis.password is set"),
        ("kafka: {job_accounts: /x}", "kafka.job_accounts: kafka.security_protocol"),
        (
            "kafka: {security_protocol: SASL_SSL, sasl_mechanism: PLAIN, job_accounts: x}",
            "kafka.job_accounts: Flink's jobs need the whole path",
        ),
        ("kafka: {sasl_password_file: /x}", "kafka.sasl_password_file: kafka.security_protocol"),
        ("redis: {host: cache, password_file: /x}", "redis.tls: a password would go to cache"),
        (
            "kafka: {security_protocol: SASL_SSL, sasl_mechanism: PLAIN, sasl_password_file: '/:'}",
            "kafka.sasl_password_file: a path with : or }",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(text: str, line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(text, {})
    assert line in str(caught.value)
