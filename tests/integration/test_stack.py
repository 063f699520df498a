"""The embedded servers: healthy, started once, found again, gone when stopped."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis as redis_client
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType
from msgspec.structs import astuple, replace

from risk.config.settings import Settings
from risk.errors import StackError
from risk.stack import user
from risk.stack.process import Home, alive
from risk.stack.up import down, status, up
from tests.needs import MACHINE, program

SMALL = ("postgres", "redis")


def quiet(line: str) -> None:
    pass


PORTS = itertools.count(22_000)  # below those that the system gives to outgoing connections


def free_port() -> int:
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError


def free_ports(count: int) -> int:
    """The first of so many in a row."""
    first = free_port()
    while any(free_port() != first + at for at in range(1, count)):
        first = free_port()
    return first


def of_this_home(home: Home) -> list[psutil.Process]:
    """The processes that name the data folder in their arguments."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or ())
        if str(home.path) in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


@pytest.fixture
def apart(settings: Settings, tmp_path: Path) -> tuple[Settings, Home]:
    """Settings and data folder of a stack that is this test's alone."""
    tmp_path.chmod(0o755)
    return replace(
        settings,
        kafka=replace(settings.kafka, port=free_port(), controller_port=free_port()),
        postgres=replace(settings.postgres, port=free_port()),
        redis=replace(settings.redis, port=free_port()),
    ), Home(tmp_path / "data")


def test_kafka_has_the_topics(kafka: Settings) -> None:
    admin = AdminClient({"bootstrap.servers": kafka.kafka.servers})
    topics = admin.list_topics(timeout=10).topics
    names = astuple(kafka.topics)
    assert set(names) <= set(topics)
    for name in names:  # what two jobs agree on has one order
        expected = 1 if name == kafka.topics.control else kafka.kafka.partitions
        assert len(topics[name].partitions) == expected, name
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    for resource, future in admin.describe_configs(resources).items():
        clock = future.result()["message.timestamp.type"].value
        appended = resource.name in (
            kafka.topics.transactions,
            kafka.topics.scores,
            kafka.topics.feedback,
            kafka.topics.control,
        )
        assert clock == ("LogAppendTime" if appended else "CreateTime")


def test_kafka_takes_the_largest_record_and_no_larger(kafka: Settings) -> None:
    largest = kafka.kafka.max_record_bytes
    producer = Producer(
        {"bootstrap.servers": kafka.kafka.servers, "message.max.bytes": largest * 2}
    )
    errors: list[object] = []
    for size in (largest, largest + 8192):
        producer.produce(
            kafka.topics.dlq, bytes(size), on_delivery=lambda error, _: errors.append(error)
        )
        producer.flush(20)
    assert errors[0] is None
    assert "MSG_SIZE_TOO_LARGE" in repr(errors[1])


def test_postgres_refuses_a_wrong_password(postgres: Settings) -> None:
    own = postgres.postgres
    where = f"host={own.host} port={own.port} dbname={own.database} user={own.user}"
    with psycopg.connect(where, password=own.password) as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(where, password="wrong")


def test_redis_refuses_no_password(redis: Settings) -> None:
    own = redis.redis
    client = redis_client.Redis(host=own.host, port=own.port, password=own.password)
    assert client.config_get("appendonly") == {"appendonly": "yes"}
    with pytest.raises(redis_client.AuthenticationError):
        redis_client.Redis(host=own.host, port=own.port).ping()


def test_elasticsearch_indexes(elasticsearch: Settings) -> None:
    request = urllib.request.Request(
        f"{elasticsearch.elasticsearch.url}/stack-probe/_doc/1?refresh=true",
        data=b'{"score": 7}',
        headers={"Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.load(answer)["result"] in ("created", "updated")


def test_up_twice_starts_nothing_again_and_down_leaves_nothing(
    apart: tuple[Settings, Home],
) -> None:
    settings, home = apart
    names = ("kafka", *SMALL)
    try:
        up(settings, home, names, quiet)
        pids = {name: alive(home, name) for name in names}
        up(settings, home, names, quiet)
        assert {name: alive(home, name) for name in names} == pids
        assert [server.state for server in status(settings, home, names)] == ["up"] * 3
    finally:
        down(settings, home, names, quiet)
    assert [server.state for server in status(settings, home, names)] == ["down"] * 3
    assert of_this_home(home) == []
    down(settings, home, names, quiet)


def test_data_outlives_a_restart_and_a_kill(apart: tuple[Settings, Home]) -> None:
    settings, home = apart
    own = settings.postgres
    where = f"host={own.host} port={own.port} dbname={own.database} user={own.user}"
    client = redis_client.Redis(port=settings.redis.port, password=settings.redis.password)
    try:
        up(settings, home, SMALL, quiet)
        client.set("kept", 1)
        with psycopg.connect(where, password=own.password) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        down(settings, home, ["redis"], quiet)
        pid = alive(home, "postgres")
        assert pid
        os.kill(pid, signal.SIGKILL)
        up(settings, home, SMALL, quiet)
        assert client.get("kept") == b"1"
        with psycopg.connect(where, password=own.password) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    finally:
        down(settings, home, SMALL, quiet)


def test_a_taken_port_is_named(apart: tuple[Settings, Home]) -> None:
    settings, home = apart
    held = socket.create_server(("127.0.0.1", settings.redis.port))
    with held, pytest.raises(StackError) as caught:
        up(settings, home, ["redis"], quiet)
    assert str(caught.value) == (
        f"port {settings.redis.port} (redis.port) is in use: "
        "stop what listens there or set RISK_REDIS__PORT"
    )
    assert alive(home, "redis") is None


def test_a_server_that_dies_says_why(apart: tuple[Settings, Home]) -> None:
    settings, home = apart
    broken = home.folder("redis") / "appendonly.aof"
    broken.write_bytes(b"this is no log of writes\r\n")
    with pytest.raises(StackError, match=r"redis ended while starting: .*Bad file format"):
        up(settings, home, ["redis"], quiet)
    down(settings, home, ["redis"], quiet)


def test_what_redis_6_left_is_read(apart: tuple[Settings, Home]) -> None:
    settings, home = apart
    left = home.folder("redis") / "appendonly.aof"
    left.write_bytes(b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n7\r\n")
    try:
        up(settings, home, ["redis"], quiet)
        where = settings.redis
        client: Any = redis_client.Redis(where.host, where.port, password=where.password)
        assert client.get("a") == b"7"
        server: Any = client.info("server")
        assert server["valkey_version"].startswith("9.")
    finally:
        down(settings, home, ["redis"], quiet)


@pytest.mark.skipif(os.geteuid() != 0, reason=f"{MACHINE}only root has to become another user")
def test_root_in_a_folder_closed_to_others(apart: tuple[Settings, Home]) -> None:
    program("setpriv")
    settings, home = apart
    home.path.mkdir()
    home.path.parent.chmod(0o700)
    try:
        up(settings, home, ["postgres"], quiet)
        pid = alive(home, "postgres")
        assert psutil.Process(pid).uids().effective == user.NOBODY
    finally:
        down(settings, home, ["postgres"], quiet)
