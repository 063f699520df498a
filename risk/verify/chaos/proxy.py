"""A TCP proxy in front of one server, which does to its connections what networks do.

It runs in a thread of its own, on a port that the system chooses.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any, Final, Literal

Mode = Literal["pass", "slow", "reset", "half-open", "black-hole"]

PIECE: Final = 65_536
AT_ONCE: Final = struct.pack("ii", 1, 0)  # SO_LINGER: closed by a reset, and not by a FIN
STOP_S: Final = 10.0


class Link:
    """A connection of a client's, and the one to the server. `dead`: the server's end is gone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.server: asyncio.StreamWriter | None = None
        self.dead = False


class Proxy:
    """Lets everything pass at first.

    slow: each piece waits for `delay_s`, either way. reset: connections are reset, new ones as soon
    as they are accepted. half-open: the server's ends of the connections there are close, and their
    clients are never told; new ones pass. black-hole: nothing gets through, either way, nothing is
    lost, and new connections are accepted and lead nowhere, until it passes again.
    """

    def __init__(self, host: str, port: int, delay_s: float = 0.5) -> None:
        self._target, self._delay_s = (host, port), delay_s
        self._mode: Mode = "pass"
        self._links: set[Link] = set()
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._open = asyncio.Event()
        self._server: asyncio.Server | None = None

    def start(self) -> None:
        """Begin to accept."""
        self._thread.start()
        self._do(self._begin())

    def become(self, mode: Mode) -> None:
        """Do from now on what this mode says."""
        self._do(self._become(mode))

    def stop(self) -> None:
        """Close all connections, and accept no more."""
        if not self._thread.is_alive():
            self._listener.close()
            return
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(STOP_S)

    async def _begin(self) -> None:
        self._open.set()
        self._server = await asyncio.start_server(self._accept, sock=self._listener)

    async def _become(self, mode: Mode) -> None:
        self._mode = mode
        if mode == "black-hole":
            self._open.clear()
        else:
            self._open.set()
        if mode == "reset":
            for link in list(self._links):
                _reset(link.writer)
        if mode == "half-open":
            for link in list(self._links):
                link.dead = True
                if link.server is not None:
                    link.server.close()

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        self._open.set()
        for link in list(self._links):
            link.dead = False
            link.writer.close()
            if link.server is not None:
                link.server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode == "reset":
            _reset(writer)
            return
        link = Link(reader, writer)
        self._links.add(link)
        try:
            await self._open.wait()
            from_server, link.server = await asyncio.open_connection(*self._target)
            back = asyncio.create_task(self._pump(link, from_server, writer))
            try:
                await self._pump(link, reader, link.server)
                if not link.dead:
                    link.server.close()
                await back
            finally:
                back.cancel()
        except (OSError, asyncio.CancelledError):
            # The server is away: its client sees a closed connection. Or this proxy stops: asyncio
            # would print the end of what it has begun as an error.
            pass
        finally:
            self._links.discard(link)
            for end in (link.writer, link.server):
                if end is not None:
                    end.close()

    async def _pump(
        self, link: Link, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        """From one end to the other until one closes. A client of a dead link hears nothing."""
        with contextlib.suppress(OSError):
            while piece := await source.read(PIECE):
                await self._open.wait()
                if self._mode == "slow":
                    await asyncio.sleep(self._delay_s)
                if link.dead:
                    continue
                sink.write(piece)
                await sink.drain()
        if sink is link.writer and not link.dead:
            sink.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    own: socket.socket | None = writer.get_extra_info("socket")
    if own is not None:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    writer.transport.abort()
