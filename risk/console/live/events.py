"""Server-sent events: that something has changed, not what. The page asks for it with its rights.

Each event has the place that it reaches as its id. A browser whose connection has dropped says the
last one it got, and is told of all that came since; or, if that isn't kept any more, to begin anew.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from risk.console.guard import found
from risk.console.live.filters import Filter
from risk.console.live.hub import Hub, Servers
from risk.console.live.pages import wanted
from risk.console.live.place import Place, parse
from risk.console.site import Site, site
from risk.engine.delivery import Unavailable

QUIET_S: Final = 10.0  # then a sign of life is sent, and the session looked at again
RETRY_MS: Final = 1_000


async def events(request: Request) -> Response:
    """The stream, from the place that the browser had reached."""
    own, asked = site(request), wanted(request)
    given = request.headers.get("last-event-id") or request.query_params.get("after")
    since = parse(given) or own.hub.place
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    stream = _stream(own, request, asked, since)
    return StreamingResponse(stream, headers=headers, media_type="text/event-stream")


async def _stream(own: Site, request: Request, asked: Filter, since: Place) -> AsyncIterator[str]:
    hub, servers = own.hub, Servers()
    yield f"retry: {RETRY_MS}\n\n"
    beat, looked = hub.beat, time.monotonic()
    while not hub.ending:
        if servers != hub.servers:
            servers = hub.servers
            yield event("servers", servers._asdict())
        place = hub.place
        if since != place:
            if told := changes(hub, asked, since):
                yield event(*told, place)
            since = place
        beat = await hub.changed(beat, QUIET_S)
        if time.monotonic() - looked >= QUIET_S:
            looked = time.monotonic()
            if not await _goes_on(own, request):
                yield event("ended", {})
                return
            yield f"id: {since}\n\n"  # no event: only the place, for filters that seldom match


def changes(hub: Hub, asked: Filter, since: Place) -> tuple[str, dict[str, Any]] | None:
    """The event for what came after that place: alerts that match, or `anew`; None for nothing."""
    entries = hub.ring.after(since.seq, hub.ring.last) if since.epoch == hub.epoch else None
    if entries is None:
        return "anew", {}
    count = len(asked.of(entries))
    return ("alerts", {"count": count}) if count else None


def event(name: str, data: dict[str, Any], place: Place | None = None) -> str:
    """The event as it is sent."""
    head = f"id: {place}\n" if place else ""
    return f"{head}event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"


async def _goes_on(own: Site, request: Request) -> bool:
    """Whether the session still stands. While Postgres is away nobody can tell; nor can a page."""
    try:
        return await run_in_threadpool(found, own, request, False) is not None
    except Unavailable:
        return True
