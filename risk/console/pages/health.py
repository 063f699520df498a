"""Whether the console answers, and what it can't reach: for a supervisor, without sign-in."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from risk.console.site import site

BEHIND: Final = 500  # of more alerts pages show what was


def health(request: Request) -> Response:
    """200 as long as it answers: it comes back by itself when the others do."""
    servers = site(request).hub.servers
    return JSONResponse({"console": "up", "kafka": servers.kafka, "postgres": servers.postgres})


def ready(request: Request) -> Response:
    """200 if pages show what is now: Kafka and Postgres answer, alerts have been read to where they
    end, and the API beside it can work.
    """
    own = site(request)
    servers, beside = own.hub.servers, own.ready_beside()
    parts: dict[str, str] = {"kafka": servers.kafka, "postgres": servers.postgres}
    parts["alerts"] = _alerts(own.hub.behind())
    if beside is not None:
        parts["api"] = "up" if beside else "not ready"
    can = all(state == "up" for state in parts.values())
    content = {"status": "ready" if can else "not ready", **parts}
    return JSONResponse(content, 200 if can else 503)


def _alerts(behind: int | None) -> str:
    if behind is None:
        return "not read lately"
    return "up" if behind < BEHIND else f"{behind} behind"
