"""The same feed for other programs: a WebSocket that sends alerts as JSON.

A program has a session's token, from `risk user token`, and sends it as `Authorization: Bearer`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from risk.console import csrf
from risk.console.guard import found
from risk.console.live import filters
from risk.console.live.events import QUIET_S
from risk.console.live.filters import BadFilter, Filter
from risk.console.live.place import Place, parse
from risk.console.live.shown import as_json
from risk.console.roles import allows
from risk.console.site import Site, site
from risk.engine.delivery import Unavailable
from risk.registry import sessions
from risk.registry.sessions import Viewer

ROLE: Final = "viewer"
# Close codes: of RFC 6455, and of the range for applications, like HTTP's.
AWAY, POLICY, BAD, SIGN_IN, FORBIDDEN = 1013, 1008, 4400, 4401, 4403


async def feed(socket: WebSocket) -> None:
    """Sends `{"place", "anew", "alerts"}` at most four times a second until the client leaves.

    `?after=PLACE` goes on where an earlier connection has ended; without it, from now. `anew` says
    that what lies between isn't kept any more. Filters are those of the page.
    """
    own = site(socket)
    # Before it is taken: a client that knows itself connected misses nothing from then on.
    since = parse(socket.query_params.get("after")) or own.hub.place
    await socket.accept()
    try:
        viewer = await run_in_threadpool(_viewer, own, socket)
        asked = filters.parse(socket.query_params)
    except Unavailable:
        await socket.close(AWAY, "Postgres is away")
    except BadFilter as error:
        await socket.close(BAD, str(error))
    else:
        if viewer is None:
            await socket.close(SIGN_IN, "sign in first")
        elif not allows(viewer.role, ROLE):
            await socket.close(FORBIDDEN, f"this needs the role {ROLE}")
        else:
            await _serve(own, socket, asked, since)


async def _serve(own: Site, socket: WebSocket, asked: Filter, since: Place) -> None:
    sending = asyncio.create_task(_send(own, socket, asked, since))
    leaving = asyncio.create_task(_leave(socket))
    both = (sending, leaving)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:  # also where the server itself ends the connection: neither may outlive it
        for task in both:
            task.cancel()
    await asyncio.wait(both)
    if not sending.cancelled():
        sending.result()


async def _send(own: Site, socket: WebSocket, asked: Filter, since: Place) -> None:
    hub, beat, looked = own.hub, own.hub.beat, time.monotonic()
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while not hub.ending:
            place = hub.place
            if since != place:
                entries = hub.ring.after(since.seq, place.seq) if _same(since, place) else None
                alerts = [as_json(one, own.masks) for one in asked.of(entries or ())]
                if alerts or entries is None:
                    message = {"place": str(place), "anew": entries is None, "alerts": alerts}
                    await socket.send_text(msgspec.json.encode(message).decode())
                since = place
            beat = await hub.changed(beat, QUIET_S)
            if time.monotonic() - looked >= QUIET_S:
                looked = time.monotonic()
                if code := await _ended(own, socket):
                    await socket.close(code)
                    return
        await socket.close(1001)


def _same(since: Place, place: Place) -> bool:
    return since.epoch == place.epoch


async def _leave(socket: WebSocket) -> None:
    """Until the client has gone. What it says is of no use."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


async def _ended(own: Site, socket: WebSocket) -> int | None:
    """The code to close with once the session has ended, or can't be looked up."""
    try:
        return None if await run_in_threadpool(_viewer, own, socket) else SIGN_IN
    except Unavailable:
        return AWAY


def _viewer(own: Site, socket: WebSocket) -> Viewer | None:
    """Who asks: by a token of its own, or a page of the console's by its cookie."""
    scheme, _, token = socket.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        with own.pool.session() as cursor:
            return sessions.find(cursor, token)
    if not csrf.is_own(socket.headers.get("origin"), socket.app.state.origins):
        return None
    return found(own, socket, False)
