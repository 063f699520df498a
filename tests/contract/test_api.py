"""The API on a real broker and a real Postgres: scoring is the test itself, message by message."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from typing import Any

import httpx
import msgspec
import pytest

from risk.config.settings import Settings
from risk.console.api.app import create
from risk.console.api.services import Services
from risk.engine.payment.transaction import decode
from risk.kafka.topics import create_topics
from risk.ops.users import manage
from risk.registry import api_keys
from risk.registry.api_keys import SCOPES, Scope
from risk.stack.process import Home, alive
from sinks.postgres.connect import connect
from sinks.postgres.writer import PostgresSink
from tests.contract.messages import NOON, score
from tests.topics import Sent, count, read, send

pytestmark = pytest.mark.stack
PATIENCE_S = 60.0
PAYMENT = {"event_id": "e1", "user_id": "u-1", "amount": 5, "currency": "EUR"}


@pytest.fixture
def own(kafka: Settings, migrated: Settings) -> Settings:
    """A database and topics of the test's own."""
    names = {
        field: f"a{time.time_ns():x}.{field}" for field in msgspec.structs.asdict(kafka.topics)
    }
    topics = msgspec.convert(names, type(kafka.topics))
    api = msgspec.structs.replace(
        kafka.api, delivery_timeout_ms=2_000, keys_refresh_ms=200, max_wait_ms=60_000
    )
    settings = msgspec.structs.replace(kafka, topics=topics, postgres=migrated.postgres, api=api)
    create_topics(settings, settings.kafka.servers)
    return settings


class Running:
    """An API in this process, and a key for it."""

    def __init__(self, services: Services, http: httpx.AsyncClient) -> None:
        self.services, self.http = services, http

    async def post(self, wait: str = "0ms", **changes: Any) -> httpx.Response:
        content = json.dumps({**PAYMENT, **changes})
        headers = {"content-type": "application/json"}
        return await self.http.post(f"/v1/payments?wait={wait}", content=content, headers=headers)


@asynccontextmanager
async def running(
    settings: Settings, name: str = "shop", scopes: tuple[Scope, ...] = SCOPES
) -> AsyncIterator[Running]:
    made = api_keys.add(settings, name, scopes, "tests")
    services = Services(settings)
    transport = httpx.ASGITransport(create(services))
    headers = {"authorization": f"Bearer {made.text}"}
    async with (
        services.running(),
        httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as http,
    ):
        found = Running(services, http)
        await until(lambda: not services.sender.away and services.decisions.ready)
        yield found


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def now() -> int:
    return time.time_ns() // 1_000_000


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)


def test_a_decision_is_matched_by_the_payments_identity(own: Settings) -> None:
    async def story() -> None:
        at = now()
        async with running(own) as api:
            asked = asyncio.create_task(api.post("60s", event_time=at, zone="b", area="a"))
            topic = own.topics.transactions
            await until(lambda: count(own, topic) == 1)
            (message,) = read(own, topic)
            txn = decode(message.value(), message.key())
            assert (txn.user_id, txn.event_time) == ("u-1", at)
            assert list(txn.attributes or {}) == ["area", "zone"]
            assert dict(message.headers() or ()) == {"risk-api-key": b"shop"}
            scores = [
                score("e1", event_time=at - 1, points=1),
                score("e2", event_time=at, points=2),
                score("e1", event_time=at, points=3, kind="shadow"),
                score("e1", event_time=at, points=75),
                score("e1", event_time=at, points=5, revision=1),
            ]
            sent = [Sent(b"u-1", msgspec.json.encode(one)) for one in scores]
            await asyncio.to_thread(send, own, own.topics.scores, sent)
            answer = await asked
            assert (answer.status_code, answer.json()["decision"]["score"]) == (200, 75)
            again = await api.post(event_time=at, area="a", zone="b")
            assert again.status_code == 200
            assert again.json() == {**answer.json(), "known": True}
        async with running(own, "other") as api:  # another process, which reads what was sent
            assert (await api.post(event_time=at, zone="b", area="a")).json()["known"] is True
            assert (await api.post(event_time=at)).status_code == 409
        assert count(own, topic) == 1

    run(story())


def test_what_kafka_does_not_acknowledge_is_unknown_and_safe_to_send_again(
    own: Settings, home: Home
) -> None:
    async def story() -> None:
        pid, at = alive(home, "kafka"), now()
        assert pid is not None
        async with running(own) as api:
            os.kill(pid, signal.SIGSTOP)
            try:
                answer = await api.post("10s", event_time=at)
                assert (answer.status_code, answer.json()["code"]) == (503, "delivery_unknown")
                assert "sending it again is safe" in answer.json()["detail"]
                other = await api.post(event_time=at + 1, event_id="e2")
                assert (other.status_code, other.json()["code"]) == (503, "kafka_unavailable")
            finally:
                os.kill(pid, signal.SIGCONT)
            await until(lambda: not api.services.sender.away)
            assert (await api.post(event_time=at, amount=6)).status_code == 409
            answer = await api.post(event_time=at)
            assert (answer.status_code, answer.json()["known"]) == (202, True)
        messages = {message.value() for message in read(own, own.topics.transactions)}
        assert len(messages) == 1

    run(story())


def test_a_payment_of_the_future_is_told_by_the_brokers_clock(own: Settings) -> None:
    async def story() -> None:
        async with running(own) as api:
            assert (await api.post(event_time=now())).status_code == 202
            ahead = now() + own.scoring.future_ms + 60_000
            answer = await api.post(event_time=ahead, event_id="e2")
            assert (answer.status_code, answer.json()["code"]) == (422, "future")
        assert count(own, own.topics.transactions) == 1

    run(story())


def test_a_revoked_key_is_soon_good_for_nothing(own: Settings) -> None:
    async def story() -> None:
        async with running(own) as api:
            assert (await api.http.get("/v1/alerts")).json()["alerts"] == []
            api_keys.revoke(own, "shop", "tests")
            deadline = time.monotonic() + PATIENCE_S
            while (answer := await api.http.get("/v1/alerts")).status_code != 401:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
            assert answer.json()["code"] == "unauthorized"

    run(story())


def test_what_a_key_sees_unmasked_is_noted_first(own: Settings) -> None:
    sink = PostgresSink(own)
    sink.open()
    with closing(sink):
        sink.write([score("e1", points=75), score("e2", points=45), score("e3")])

    async def story() -> None:
        async with running(own, "masked", ("alerts:read", "payments:read")) as api:
            found = (await api.http.get("/v1/alerts")).json()["alerts"]
            assert {one["transaction"]["ip"] for one in found} == {"192.0.2.0/24"}
            assert (await api.http.get("/v1/payments/u-1/e1")).status_code == 200
        assert manage.accesses(own, 9) == []
        async with running(own, "whole", ("alerts:read", "payments:read", "sensitive:read")) as api:
            found = (await api.http.get("/v1/alerts")).json()["alerts"]
            assert {one["transaction"]["ip"] for one in found} == {"192.0.2.7"}
            (one,) = (await api.http.get("/v1/payments/u-1/e1")).json()["payments"]
            assert one["transaction"]["ip"] == "192.0.2.7"
            noted = manage.accesses(own, 9)
            assert sorted(one.event_id for one in noted) == ["e1", "e1", "e2"]
            assert {(one.name, one.role, one.user_id, one.event_time) for one in noted} == {
                ("whole", "api key", "u-1", NOON)
            }
            assert {"ip", "device_id", "lat", "lon"} <= set(noted[0].fields)
            with connect(own) as connection:
                connection.execute("ALTER TABLE access_log RENAME TO away")
            for path in ("/v1/alerts", "/v1/payments/u-1/e1"):
                answer = await api.http.get(path)
                assert answer.status_code == 503
                assert "noted first" in answer.json()["detail"]
                assert "192.0.2" not in answer.text

    run(story())
