"""The API at the console's address: each keeps its own checks, and neither hides the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from risk.config.settings import Settings, parse
from risk.console.api.app import routes
from risk.console.api.openapi import described
from risk.console.app import create
from risk.console.beside import Beside, beside
from tests.unit.console.api.conftest import READER, Client, Problems, bearer

PAYMENTS = "/v1/payments"


def asked(client: Client, method: str, path: str, **more: Any) -> httpx.Response:
    settings = client.services.settings
    app = create(settings, [Beside(routes(client.services), never)])
    origin = more.pop("origin", settings.console.origin)

    async def story() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=origin) as http:
            return await http.request(method, path, **more)

    found: httpx.Response = client.run(story())
    app.state.site.pool.close()
    return found


@asynccontextmanager
async def never() -> AsyncIterator[None]:
    pytest.fail("nothing was started")
    yield


def test_calls_are_answered_as_by_the_api_alone(client: Client, problem: Problems) -> None:
    found = asked(client, "GET", "/v1/openapi.json")
    assert (found.status_code, found.json()) == (200, described())
    problem(asked(client, "POST", PAYMENTS), 401, "unauthorized")
    problem(asked(client, "POST", PAYMENTS, headers=bearer(READER)), 403, "forbidden")
    json = {"content-type": "application/json", **bearer()}
    wrong = asked(client, "POST", PAYMENTS, content=b"{}", headers=json)
    assert problem(wrong, 422, "invalid_field")["field"] == "event_id"
    problem(asked(client, "GET", "/v1/nowhere"), 404, "not_found")
    assert asked(client, "GET", "/readyz").json()["status"] == "not ready"


def test_an_id_with_a_slash_is_one_word(client: Client, problem: Problems) -> None:
    # Three words below /v1/payments would be no call at all; Postgres is away.
    found = asked(client, "GET", f"{PAYMENTS}/a%2Fb/c", headers=bearer())
    problem(found, 503, "store_unavailable")


def test_what_is_the_consoles_stays_the_consoles(client: Client) -> None:
    found = asked(client, "GET", "/nowhere")
    assert (found.status_code, found.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert asked(client, "GET", "/healthz").json()["console"] == "up"
    policy = asked(client, "GET", "/v1/openapi.json").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert asked(client, "GET", "/v1/openapi.json", origin="http://evil.example").status_code == 421


def test_a_session_is_no_key(client: Client, problem: Problems) -> None:
    cookie = {"cookie": f"risk-session={'x' * 43}"}
    problem(asked(client, "GET", "/v1/alerts", headers=cookie), 401, "unauthorized")


def test_what_stands_beside_lives_as_long_as_the_console() -> None:
    told: list[str] = []

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        told.append("begun")
        yield
        told.append("ended")

    async def story() -> None:
        app = create(parse("kafka: {bootstrap: '127.0.0.1:1'}", {}), [Beside((), running)])
        async with app.router.lifespan_context(app):
            assert told == ["begun"]

    asyncio.run(story())
    assert told == ["begun", "ended"]


def test_it_is_there_where_the_settings_say_so() -> None:
    settings = Settings()
    assert beside(settings) == ()
    (found,) = beside(replace(settings, console=replace(settings.console, api=True)))
    assert {getattr(one, "path", None) for one in found.routes} >= {"/v1", "/readyz"}
