"""The embedded servers are closed: to other users of the machine, other machines and other pages.

They run on IPv6's loopback here, with a proxy in the environment that nobody should ask.
"""

from __future__ import annotations

import os
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from confluent_kafka.admin import AdminClient
from msgspec.structs import fields, replace

from risk.config.settings import Settings
from risk.kafka.client import client_config
from risk.stack.direct import open_url
from risk.stack.process import MARK, Home
from risk.stack.secrets import with_generated
from risk.stack.up import SERVERS, down, status, up
from sinks.elasticsearch import client as elasticsearch
from sinks.postgres import connect as postgres
from sinks.redis import client as redis
from tests.integration.test_stack import free_port, quiet

HOST = "::1"


@pytest.fixture(scope="module")
def closed(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Home]]:
    home = Home(tmp_path_factory.mktemp("closed") / "data")
    home.path.mkdir(mode=0o755)
    (home.path / "kafka").mkdir(mode=0o755)  # as an earlier version has left them
    own: dict[str, Any] = {}
    for name in SERVERS:
        section = getattr(settings, name)
        ports = [f.name for f in fields(section) if f.name.endswith("port")]
        own[name] = replace(section, host=HOST, **{port: free_port() for port in ports})
    own["flink"] = replace(own["flink"], metrics_port=settings.flink.metrics_port)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
        for name in ("postgres", "redis"):
            own[name] = replace(own[name], password=None)
        found = with_generated(replace(settings, **own), home)
        try:
            up(found, home, SERVERS, quiet)
            yield found, home
        finally:
            down(found, home, SERVERS, quiet)


def of_home(home: Home) -> list[psutil.Process]:
    mark = str(home.path)
    return [
        process
        for process in psutil.process_iter(["environ"])
        if (process.info["environ"] or {}).get(MARK) == mark
    ]


def test_all_answer_on_ipv6(closed: tuple[Settings, Home]) -> None:
    settings, home = closed
    found = {server.name: server.state for server in status(settings, home, SERVERS)}
    assert found == dict.fromkeys(SERVERS, "up")
    assert AdminClient(client_config(settings.kafka)).list_topics(timeout=10).brokers
    with postgres.connect(settings) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert redis.connect(settings).ping()
    assert elasticsearch.connect(settings).cluster.health()["status"] != "red"


def test_other_users_see_nothing(closed: tuple[Settings, Home]) -> None:
    _, home = closed
    entries = [home.path, *home.path.iterdir()]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in entries}
    through = 0o711 if os.geteuid() == 0 else 0o700
    assert modes.pop(home.path.name) == through
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}
    for path in (*(home.path / "secrets").iterdir(), home.path / "redis" / "redis.conf"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_other_machines_reach_nothing(closed: tuple[Settings, Home]) -> None:
    settings, home = closed
    open_ports = {
        (found.laddr.ip, found.laddr.port)
        for process in of_home(home)
        for found in process.net_connections(kind="inet")
        if found.status == psutil.CONN_LISTEN
    }
    assert len(open_ports) >= len(SERVERS)
    first = settings.flink.metrics_port
    metrics = {port for ip, port in open_ports if ip != HOST}
    assert metrics <= set(range(first, first + 9))  # README says so


def test_other_pages_read_nothing(closed: tuple[Settings, Home]) -> None:
    settings, _ = closed
    page = {"Origin": "http://evil.example"}
    request = urllib.request.Request(f"{settings.flink.url}/overview", headers=page)
    with open_url(request, 10) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == settings.flink.url
    upload = urllib.request.Request(f"{settings.flink.url}/jars/upload", data=b"x", method="POST")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        open_url(upload, 10)


def test_root_is_given_up_without_a_right_left(closed: tuple[Settings, Home]) -> None:
    _, home = closed
    for process in of_home(home):
        status_file = Path(f"/proc/{process.pid}/status").read_text()
        if process.uids().effective and os.geteuid() == 0:
            (rights,) = [line.split()[1] for line in status_file.splitlines() if "CapEff" in line]
            passes = 0 if _open(home.path.parent) else 1 << 1  # dac_override, to get there
            assert int(rights, 16) == passes


def _open(path: Path) -> bool:
    return all(p.stat().st_mode & stat.S_IXOTH for p in (path, *path.parents))
