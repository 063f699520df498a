"""The API with its keys in memory, and with Kafka and Postgres away: nothing listens there."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from risk.config.settings import Settings, parse
from risk.console.api.app import create
from risk.console.api.decisions import DecisionReader
from risk.console.api.keyring import Keyring
from risk.console.api.sender import Sender
from risk.console.api.services import Services
from risk.registry.api_keys import SCOPES, Key, Scope, digest

WHOLE = "rk_00000000_" + "w" * 43
READER = "rk_11111111_" + "r" * 43
SLOW = "rk_22222222_" + "s" * 43


def key(text: str, name: str, *scopes: Scope, rate: int | None = None) -> Key:
    return Key(text[3:11], name, digest(text), scopes, rate, rate, datetime.now(UTC), "me")


KEYS = [
    key(WHOLE, "whole", *SCOPES),
    key(READER, "reader", "payments:read"),
    key(SLOW, "slow", "payments:write", rate=2),
]


def bearer(text: str = WHOLE) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


class Client:
    """Asks an API in this process."""

    def __init__(self, settings: Settings) -> None:
        self.runner = asyncio.Runner()
        self.services = self.runner.run(self._services(settings))
        transport = httpx.ASGITransport(create(self.services), raise_app_exceptions=True)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://api")

    async def _services(self, settings: Settings) -> Services:
        loop = asyncio.get_running_loop()
        found = Services(settings)
        found.keyring = Keyring(settings.api, lambda: KEYS)
        found.sender = Sender(settings, loop)
        found.decisions = DecisionReader(settings, loop, found.known.awaited, lambda _: None)
        await found.keyring.refresh()
        return found

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        more.setdefault("headers", bearer())
        found: httpx.Response = self.run(self.http.request(method, path, **more))
        return found

    def post(self, path: str, content: bytes, kind: str = "application/json") -> httpx.Response:
        return self("POST", path, content=content, headers={**bearer(), "content-type": kind})

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(what)


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    with socket.socket() as held:  # bound, and never listened on
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        text = f"kafka: {{bootstrap: 127.0.0.1:{port}}}\npostgres: {{port: {port}}}\n"
        text += f"redis: {{port: {port + 1 if port < 65535 else port - 1}}}\n"
        found = Client(parse(text + "api: {max_payments: 20, body_timeout_ms: 300}", {}))
        yield found
        found.run(found.http.aclose())
        found.runner.close()


Problems = Callable[[httpx.Response, int, str], dict[str, Any]]


@pytest.fixture(scope="session")
def problem() -> Problems:
    """The problem of an answer, which has this status and code."""

    def read(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        found: dict[str, Any] = answer.json()
        assert (answer.status_code, found["status"], found["code"]) == (status, status, code), found
        assert found["detail"].splitlines() == [found["detail"]]
        return found

    return read
