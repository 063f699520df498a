"""The console's reader on a real topic, and the feed that other programs get from it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec
import pytest
from confluent_kafka.admin import AdminClient
from starlette.testclient import TestClient

from risk.config.names import CONSOLE_READER
from risk.config.settings import Settings
from risk.console.app import create
from risk.console.live.arrivals import Arrivals
from risk.console.live.reader import Reader
from risk.console.live.ring import Ring
from risk.engine.messages import Alert
from risk.kafka.client import client_config
from risk.ops.users import manage
from tests.pipeline import until, with_own_topics
from tests.topics import Sent, send
from tests.unit.console.alerts import alert

pytestmark = pytest.mark.stack


@pytest.fixture
def topics(kafka: Settings) -> Settings:
    return with_own_topics(kafka, f"console.t{time.time_ns():x}")


def publish(settings: Settings, *alerts: Alert) -> None:
    records = [Sent(one.user_id.encode(), msgspec.json.encode(one)) for one in alerts]
    send(settings, settings.topics.alerts, records)


@pytest.fixture
def ring(topics: Settings) -> Iterator[Ring]:
    publish(topics, *(alert(number, user_id=f"u{number}") for number in range(20)))
    found = Ring()
    reader = Reader(topics, found, Arrivals())
    reader.start()
    yield found
    reader.stop()


def test_what_was_there_and_what_comes_is_read_once(topics: Settings, ring: Ring) -> None:
    until(lambda: ring.last == 20, "what was there is read", 60)
    send(topics, topics.topics.alerts, [Sent(b"u", b"not an alert"), Sent(b"u", None)])
    publish(topics, alert(5, user_id="u5"), alert(5, user_id="u5", revision=1), alert(99))
    until(lambda: ring.last == 22, "what comes is read, and what was sent twice is not", 60)
    assert len(ring.newest()) == 21


def test_it_says_how_far_behind_it_is(topics: Settings) -> None:
    publish(topics, *(alert(number) for number in range(20)))
    ring = Ring()
    reader = Reader(topics, ring, Arrivals())
    assert reader.behind() is None
    reader.start()
    try:
        until(lambda: reader.behind() == 0, "it has read all", 60)
        assert ring.last == 20
        publish(topics, alert(20))
        until(lambda: ring.last == 21, "what comes is read", 60)
        until(lambda: reader.behind() == 0, "and it knows that it has read it", 60)
    finally:
        reader.stop()


def test_it_is_ready_once_alerts_are_read(topics: Settings, migrated: Settings) -> None:
    own = msgspec.structs.replace(topics, postgres=migrated.postgres)
    host = own.console.origin.partition("://")[2]
    with TestClient(create(own), headers={"host": host}) as client:
        until(lambda: client.get("/readyz").status_code == 200, "it is ready", 60)
        found = client.get("/readyz").json()
    assert found == {"status": "ready", "kafka": "up", "postgres": "up", "alerts": "up"}


def test_nothing_is_committed(topics: Settings, ring: Ring) -> None:
    until(lambda: ring.last == 20, "all is read", 60)
    groups = AdminClient(client_config(topics.kafka)).list_consumer_groups().result().valid
    assert CONSOLE_READER not in {one.group_id for one in groups}


def test_a_program_is_sent_alerts_and_goes_on_after_a_break(
    topics: Settings, migrated: Settings
) -> None:
    own = msgspec.structs.replace(topics, postgres=migrated.postgres)
    manage.add(own, "feed", "viewer", None)
    token = manage.token(own, "feed", 1)
    host = own.console.origin.partition("://")[2]
    headers = {"host": host, "authorization": f"Bearer {token}"}
    with TestClient(create(own), own.console.origin) as client:
        with client.websocket_connect("/feed?score=80", headers=headers) as socket:
            publish(own, alert(1, score=10), alert(2, score=90))
            told = socket.receive_json()
        (one,) = told["alerts"]
        assert (one["event_id"], one["transaction"]["ip"]) == ("e2", "192.0.2.•••")
        publish(own, alert(3, score=95))
        path = f"/feed?score=80&after={told['place']}"
        with client.websocket_connect(path, headers=headers) as socket:
            after = socket.receive_json()
        assert [one["event_id"] for one in after["alerts"]] == ["e3"]
        assert after["anew"] is False
        with client.websocket_connect("/feed?after=00000000-1", headers=headers) as socket:
            assert socket.receive_json()["anew"] is True
