"""The API as an ASGI application: routes that any Starlette application may have, and its own."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from risk.console.api.asked import Asked, query, words
from risk.console.api.call import Call
from risk.console.api.problem import Problem
from risk.console.api.services import Services
from risk.console.api.table import CALLS
from risk.registry.api_keys import Key

VERSION: Final = "v1"
SLOW_MS: Final = 1_000.0

log = logging.getLogger(__name__)


class Api:
    """Serves calls. Below the version, paths are taken as they were sent: an id may hold `%2F`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        request = Request(scope, receive)
        response = await answer(self._services, request, _path(scope))
        await response(scope, receive, send)


def routes(services: Services) -> list[BaseRoute]:
    """All calls, for an application that keeps `services.running()` as long as it lives."""
    api = Api(services)
    own = [Route(call.path, api) for call in CALLS if call.parts[0] != VERSION]
    return [Mount(f"/{VERSION}", app=api), *own]


def create(services: Services) -> Starlette:
    """The API alone."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with services.running():
            yield

    app = Starlette(
        routes=routes(services), lifespan=lifespan, exception_handlers={HTTPException: _no_route}
    )
    app.router.redirect_slashes = False  # a path is right, or it is not there
    return app


async def answer(services: Services, request: Request, raw_path: bytes) -> Response:
    """The answer to any request, whatever is wrong with it."""
    begun, name, key = time.perf_counter(), "-", None
    limits: dict[str, str] = {}
    try:
        found, path = _find(request.method, tuple(words(raw_path)))
        if found is None:
            return Response(status_code=204, headers={"allow": path["allow"]})
        name = found.path
        key = await _admitted(services, request, found, limits)
        asked = Asked(services, request, key, path, query(_query(request), found.query))
        response = await found.handler(asked)
    except Problem as problem:
        response = problem.response()
    except Exception:
        log.exception("%s %s", request.method, name)
        response = Problem("internal", "a mistake of the server: its log says more").response()
    for header, value in limits.items():
        response.headers.setdefault(header, value)
    response.headers["x-content-type-options"] = "nosniff"
    took_ms = 1_000 * (time.perf_counter() - begun)
    level = logging.DEBUG if response.status_code < 400 and took_ms < SLOW_MS else logging.INFO
    log.log(
        level, "%s %s %d %.1f ms %s",
        request.method, name, response.status_code, took_ms, key.name if key else "-",
    )  # fmt: skip
    return response


def _find(method: str, path: tuple[str, ...]) -> tuple[Call | None, dict[str, str]]:
    """The call, with the words of its path; None for OPTIONS, with what is allowed.

    Raises `Problem`.
    """
    there = {
        call.method: (call, found) for call in CALLS if (found := call.match(path)) is not None
    }
    if not there:
        raise Problem("not_found", "no such path: /v1/openapi.json lists all")
    if "GET" in there:
        there["HEAD"] = there["GET"]
    allowed = ", ".join(sorted({*there, "OPTIONS"}))
    if method == "OPTIONS":
        return None, {"allow": allowed}
    if method not in there:
        shown = ascii(method[:20])[1:-1]
        raise Problem(
            "method_not_allowed", f"no {shown} here: {allowed}", headers={"allow": allowed}
        )
    return there[method]


async def _admitted(
    services: Services, request: Request, call: Call, limits: dict[str, str]
) -> Key | None:
    """The key, if it may do this now; `limits` are told in either case. Raises `Problem`."""
    if call.scope is None:
        return None
    given = request.headers.getlist("authorization")
    key = await services.keyring.find(given[0] if len(given) == 1 else None)
    standing = services.keyring.take(key)
    limits.update(standing.headers())
    if standing.wait_s:
        raise Problem(
            "rate_limited",
            f"more than {standing.rate} a second or {standing.burst} at once: wait "
            f"{standing.wait_s} s",
            headers=standing.headers(),
        )
    if call.scope not in key.scopes:
        raise Problem(
            "forbidden",
            f"the key {key.name} has no scope {call.scope}: it has {', '.join(key.scopes)}",
            headers={
                "www-authenticate": f'Bearer error="insufficient_scope", scope="{call.scope}"'
            },
        )
    return key


def _path(scope: Scope) -> bytes:
    """The path as it was sent, from the version on, wherever the routes were mounted."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    parts = raw.split(b"?")[0].split(b"/")[1:]
    above: int = scope.get("root_path", "").count("/")
    return b"/".join([VERSION.encode(), *parts[above:]] if above else parts)


def _query(request: Request) -> bytes:
    found: bytes = request.scope.get("query_string", b"")
    return found


async def _no_route(_: Request, __: Exception) -> Response:
    return Problem("not_found", "no such path: /v1/openapi.json lists all").response()
