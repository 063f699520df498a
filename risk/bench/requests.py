"""Sends a schedule to the HTTP API, in a process of its own: an open loop, as `publisher` has it.

A connection for each request that is under way, kept for the next: so none waits for another's
answer, and latencies count from the schedule.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Final

import msgspec

from risk.bench.schedule import Due
from risk.bench.stats import Latency, latency

SPIN_S: Final = 0.0005  # below this it is not worth sleeping
GIVE_UP_S: Final = 30.0
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Target(msgspec.Struct, frozen=True):
    """Where requests go: `head` is all of one but the length of its body."""

    host: str
    port: int
    head: bytes


class Answered(msgspec.Struct, frozen=True):
    """What came back. `seconds` are those of each answer of 200, from the schedule on.

    `statuses` counts all answers measured, by their status; 0 for none at all.
    """

    seconds: Sequence[float]
    statuses: dict[int, int]
    behind: Latency
    connections: int


def ask(target: Target, dues: Sequence[Due], warmup_s: float, pipe: Connection) -> None:
    """Say "ready"; take the start, in seconds of the monotonic clock; ask; say `Answered`."""
    pipe.send("ready")
    start: float = pipe.recv()
    gc.freeze()
    pipe.send(asyncio.run(_Asking(target, start, warmup_s).all(dues)))


class _Asking:
    def __init__(self, target: Target, start: float, warmup_s: float) -> None:
        self._target, self._start, self._warmup_s = target, start, warmup_s
        self._idle: list[_Streams] = []
        self._connections = 0
        self._seconds: list[float] = []
        self._statuses: Counter[int] = Counter()

    async def all(self, dues: Sequence[Due]) -> Answered:
        """Ask in time, whatever comes back."""
        behind = []
        asked: set[asyncio.Task[None]] = set()
        for due in dues:
            at = self._start + due.at
            while (left := at - time.monotonic()) > SPIN_S:
                await asyncio.sleep(left)
            task = asyncio.create_task(self._one(due, at))
            asked.add(task)
            task.add_done_callback(asked.discard)
            await asyncio.sleep(0)
            behind.append(max(0.0, time.monotonic() - at))
        if asked:
            await asyncio.wait(set(asked))
        for _, writer in self._idle:
            writer.close()
        return Answered(self._seconds, dict(self._statuses), latency(behind), self._connections)

    async def _one(self, due: Due, at: float) -> None:
        try:
            async with asyncio.timeout(GIVE_UP_S):
                status = await self._exchange(due.value)
        except (OSError, EOFError, TimeoutError, ValueError):
            status = 0
        if due.at >= self._warmup_s:
            self._statuses[status] += 1
            if status == 200:
                self._seconds.append(time.monotonic() - at)

    async def _exchange(self, body: bytes) -> int:
        """The status of an answer that was read as a whole."""
        reader, writer = self._kept() or await self._connect()
        try:
            writer.write(b"%bcontent-length: %d\r\n\r\n%b" % (self._target.head, len(body), body))
            head = await reader.readuntil(b"\r\n\r\n")
            lengths = (
                int(line[15:])
                for line in head.split(b"\r\n")
                if line[:15].lower() == b"content-length:"
            )
            length = next(lengths, None)
            if length is None:  # the server refuses at once, and closes the connection
                writer.close()
                return int(head[9:12])
            await reader.readexactly(length)
        except BaseException:
            writer.close()
            raise
        self._idle.append((reader, writer))
        return int(head[9:12])

    def _kept(self) -> _Streams | None:
        """A connection that is open and free: the server closes those that were idle for long."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    async def _connect(self) -> _Streams:
        self._connections += 1
        return await asyncio.open_connection(self._target.host, self._target.port)
