"""Whether the console answers, and what it can't reach: for a supervisor, without sign-in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from risk.console.site import site


def health(request: Request) -> Response:
    """200 as long as it answers: it comes back by itself when the others do."""
    servers = site(request).hub.servers
    return JSONResponse({"console": "up", "kafka": servers.kafka, "postgres": servers.postgres})
