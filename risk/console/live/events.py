"""Server-sent events: that something has changed, not what. The page asks for it with its rights.

Each event has the place that it reaches as its id. A browser whose connection has dropped says the
last one it got, and is told of all that came since; or, if that isn't kept any more, to begin anew.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any, Final, Protocol

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
ANEW: Final[tuple[str, dict[str, Any]]] = ("anew", {})


class Feed(Protocol):
    """What a stream tells of."""

    @property
    def place(self) -> Place:
        """Where it is now."""

    def since(self, place: Place) -> tuple[str, dict[str, Any]] | None:
        """The event for what came after that place, or `anew`; None if it's nothing to the page."""


class Alerts:
    """Alerts that match: how many."""

    def __init__(self, hub: Hub, asked: Filter) -> None:
        self._hub, self._asked = hub, asked

    @property
    def place(self) -> Place:
        """Where the ring is now."""
        return self._hub.place

    def since(self, place: Place) -> tuple[str, dict[str, Any]] | None:
        """`alerts`, or `anew` if what lies between isn't kept."""
        ring = self._hub.ring
        entries = ring.after(place.seq, ring.last) if place.epoch == self._hub.epoch else None
        if entries is None:
            return ANEW
        count = len(self._asked.of(entries))
        return ("alerts", {"count": count}) if count else None


async def events(request: Request) -> Response:
    """The stream of alerts, from the place that the browser had reached."""
    return stream(request, Alerts(site(request).hub, wanted(request)))


def stream(request: Request, feed: Feed) -> Response:
    """A feed as server-sent events, from the place that the browser had reached."""
    given = request.headers.get("last-event-id") or request.query_params.get("after")
    since = parse(given) or feed.place
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    told = _stream(site(request), request, feed, since)
    return StreamingResponse(told, headers=headers, media_type="text/event-stream")


async def _stream(own: Site, request: Request, feed: Feed, since: Place) -> AsyncIterator[str]:
    hub, servers = own.hub, Servers()
    yield f"retry: {RETRY_MS}\n\n"
    beat, looked = hub.beat, time.monotonic()
    while not hub.ending:
        if servers != hub.servers:
            servers = hub.servers
            yield event("servers", servers._asdict())
        place = feed.place
        if since != place:
            if told := feed.since(since):
                yield event(*told, place)
            since = place
        beat = await hub.changed(beat, QUIET_S)
        if time.monotonic() - looked >= QUIET_S:
            looked = time.monotonic()
            if not await _goes_on(own, request):
                yield event("ended", {})
                return
            yield f"id: {since}\n\n"  # no event: only the place, for filters that seldom match


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
