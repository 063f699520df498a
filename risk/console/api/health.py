"""`GET /healthz` and `GET /readyz`: whether it lives, and whether payments can come."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from risk.console.api.asked import Asked
from risk.console.api.services import Services

_HEADERS = {"cache-control": "no-store"}


async def live(asked: Asked) -> Response:
    """200 as long as it answers at all."""
    return Response(b'{"status":"up"}', 200, _HEADERS, "application/json")


async def ready(asked: Asked) -> Response:
    """200 if payments can be taken; 503 else. What is away is told in either case."""
    services = asked.services
    keyring = services.keyring
    parts = {
        "kafka": services.sender.away or "up",
        "decisions": "up" if services.decisions.ready else "not yet read",
        "keys": "up" if keyring.fresh else "known" if keyring.known else "postgres: no answer",
    }
    can = can_take(services)
    content = msgspec.json.encode({"status": "ready" if can else "not ready", **parts})
    return Response(content, 200 if can else 503, _HEADERS, "application/json")


def can_take(services: Services) -> bool:
    """Whether payments can be taken now."""
    known = services.keyring.known
    return not services.sender.away and services.decisions.ready and known
