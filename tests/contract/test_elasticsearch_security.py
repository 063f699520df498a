"""Elasticsearch with passwords, as the containers have it: the engine's role is enough, no more.

The node here has no analyzers, and so no index for users that are made by its API, which setup.sh
does: the user is in a file, with the role that setup.sh makes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import elasticsearch
import pytest
from msgspec.structs import replace

import sinks.elasticsearch as store
from risk.delivery import Unavailable, Written
from risk.settings import Settings
from sinks.elasticsearch.client import connect
from sinks.elasticsearch.search import search
from sinks.elasticsearch.wipe import wipe
from stack.elasticsearch import DISTRIBUTION, Elasticsearch
from stack.java import java_home
from stack.process import Home
from tests.contract.messages import ACTIVE, score
from tests.integration.test_stack import free_port

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not shutil.which("curl"), reason="no curl"),
]
ROOT = Path(__file__).parents[2]
SETUP = ROOT / "docker" / "elasticsearch" / "setup.sh"
ROLE = SETUP.with_name("role.json")
START_S = 120
# Made up here, and of nothing but this test.
ADMIN, ENGINE = "admin-7f3a", "engine-04bd"


class Secured(Elasticsearch):
    """The embedded node with what docker-compose.yml tells it about security."""

    def _configuration(self) -> dict[str, object]:
        return super()._configuration() | {
            "xpack.security.enabled": True,
            "xpack.security.http.ssl.enabled": False,
            "xpack.security.transport.ssl.enabled": False,
        }


def with_user(settings: Settings, user: str, password: str) -> Settings:
    section = replace(settings.elasticsearch, username=user, password=password)
    return replace(settings, elasticsearch=section)


def tool(config: Path, name: str, *words: str, said: str = "") -> None:
    """Run one of Elasticsearch's tools."""
    own = {"ES_PATH_CONF": str(config), "ES_JAVA_HOME": str(java_home())}
    subprocess.run(
        (DISTRIBUTION / "bin" / name, *words),
        env=os.environ | own,
        input=said,
        text=True,
        capture_output=True,
        check=True,
    )


@pytest.fixture(scope="module")
def node(settings: Settings) -> Iterator[Settings]:
    """A node of its own; the settings are its administrator's."""
    port, transport = free_port(), free_port()
    section = replace(settings.elasticsearch, port=port, transport_port=transport)
    own = with_user(replace(settings, elasticsearch=section), "elastic", ADMIN)
    home = Home(ROOT / "build" / "test-secured")
    shutil.rmtree(home.path, ignore_errors=True)
    config = home.folder("elasticsearch") / "config"
    config.mkdir()
    tool(config, "elasticsearch-keystore", "create")
    tool(config, "elasticsearch-keystore", "add", "--stdin", "bootstrap.password", said=ADMIN)
    # JSON is YAML.
    (config / "roles.yml").write_text(f'{{"risk_engine": {ROLE.read_text()}}}')
    for name in ("users", "users_roles"):
        (config / name).touch()
    tool(config, "elasticsearch-users", "useradd", "risk", "-p", ENGINE, "-r", "risk_engine")
    server = Secured(own, home)
    server.start()
    try:
        deadline = time.monotonic() + START_S
        while not answers(own):
            assert time.monotonic() < deadline, home.log("elasticsearch").read_text()[-2_000:]
            time.sleep(0.5)
        yield own
    finally:
        server.stop()
        shutil.rmtree(home.path, ignore_errors=True)


def answers(settings: Settings) -> bool:
    try:
        with connect(settings) as client:
            return bool(client.cluster.health()["status"] != "red")
    except (elasticsearch.ApiError, elasticsearch.TransportError):
        return False


@pytest.fixture(scope="module")
def engine(node: Settings) -> Settings:
    """The settings of the engine's user."""
    return with_user(node, "risk", ENGINE)


def test_the_engine_may_do_all_it_does(engine: Settings) -> None:
    sink = store.create(engine)
    sink.open()
    batch = [score("e1", points=80), score("e2")]
    assert sink.write(batch) == sink.write(batch) == Written(rows=2)
    assert sink.write([score("e2", revision=1), score("e2")]).older == 1
    assert [row.event_id for row in store.scan(engine, *ACTIVE)] == ["e1", "e2"]
    assert search(engine, {"term": {"risk.decision": "BLOCK"}}, 5)[0] == 1
    wipe(engine)
    assert list(store.scan(engine, *ACTIVE)) == []
    assert sink.write(batch) == Written(rows=2)
    sink.close()


def test_the_engine_may_do_nothing_else(engine: Settings) -> None:
    with connect(engine) as client:
        attempts: list[Any] = [
            lambda: client.index(index="others", document={}),
            lambda: client.search(index=".security-7"),
            lambda: client.security.get_user(username="elastic"),
            lambda: client.indices.delete(index="others"),
        ]
        for attempt in attempts:
            with pytest.raises(elasticsearch.AuthorizationException):
                attempt()


def test_a_wrong_password_is_unavailable(engine: Settings) -> None:
    with pytest.raises(Unavailable, match="401"):
        store.create(with_user(engine, "risk", "guessed")).open()


GIVEN = {
    "ELASTIC_PASSWORD": ADMIN,
    "KIBANA_PASSWORD": "kibana-91cc",
    "RISK_ELASTICSEARCH__PASSWORD": ENGINE,
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"KIBANA_PASSWORD": 'say "hi"'}, "setup: KIBANA_PASSWORD: use letters, digits, - and _\n"),
        ({"ELASTIC_PASSWORD": ""}, "setup: ELASTIC_PASSWORD is not set\n"),
    ],
)
def test_setup_says_what_is_wrong(change: dict[str, str], said: str) -> None:
    environment = {"PATH": os.environ["PATH"], **GIVEN, **change}
    done = subprocess.run(
        ("sh", SETUP), env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_setup_is_refused_with_a_wrong_password(node: Settings) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        **GIVEN,
        "ELASTIC_PASSWORD": "guessed",
        "ELASTICSEARCH_URL": node.elasticsearch.url,
    }
    done = subprocess.run(
        ("sh", SETUP), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 22
    assert "unable to authenticate user [elastic]" in done.stdout
