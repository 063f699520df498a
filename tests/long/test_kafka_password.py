"""A Kafka that asks for a password: all clients give it, and it is found nowhere else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from msgspec.structs import asdict, replace

from risk.config.settings import Settings
from risk.kafka import own_topics
from risk.kafka.topics import delete_topics
from risk.ops import jobs
from risk.stack.process import Home
from risk.stack.up import down, up
from tests.integration.test_stack import free_port, quiet
from tests.long.test_flink_run import masked, raw

PASSWORD = "never-to-be-seen-5d1c"
SERVERS = ("kafka", "flink")


def content(path: Path) -> bytes:
    """A file's; of one that has just gone, or is none, nothing: servers tidy up meanwhile."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""


@pytest.fixture
def guarded(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Home]]:
    """A broker with a password, and a cluster of Flink that knows it."""
    kafka = replace(
        settings.kafka,
        port=free_port(),
        controller_port=free_port(),
        heap_mb=256,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="PLAIN",
        sasl_username="risk",
        sasl_password=PASSWORD,
    )
    # The port after `rpc_port` is taken, too.
    rpc_port, _ = free_port(), free_port()
    flink = replace(
        settings.flink, rest_port=free_port(), rpc_port=rpc_port, metrics_port=free_port()
    )
    own = replace(settings, kafka=kafka, flink=flink)
    home = Home(tmp_path_factory.mktemp("guarded") / "data")
    try:
        up(own, home, SERVERS, quiet)
        yield own, home
    finally:
        down(own, home, SERVERS, quiet)


def test_scores_come_and_the_password_stays(guarded: tuple[Settings, Home]) -> None:
    settings, home = guarded
    with pytest.raises(KafkaException):
        AdminClient({"bootstrap.servers": settings.kafka.servers, "log_level": 2}).list_topics(
            timeout=2
        )
    own = own_topics.named(settings, "guarded.")
    own_topics.make(own, [own.topics.scores])
    delete_topics(settings, asdict(own.topics).values())
    job = raw(settings, home)
    jobs.wait_running(settings, job)
    assert masked(settings, "guarded", 1_790_000_000_000) == "****"
    holding = [
        (Path(folder) / name).relative_to(home.path).as_posix()
        for folder, _, names in os.walk(home.path)
        for name in names
        if PASSWORD.encode() in content(Path(folder) / name)
    ]
    assert holding == ["kafka/server.properties"]
    assert (home.path / "kafka" / "server.properties").stat().st_mode & 0o077 == 0
