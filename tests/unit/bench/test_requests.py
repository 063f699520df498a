"""Each request of the schedule is counted, whatever it is answered."""

from __future__ import annotations

import asyncio
import time

import pytest

from risk.bench.requests import Answered, Target, _Asking
from risk.bench.schedule import Due

HEAD = b"POST / HTTP/1.1\r\nhost: a\r\n"


def answered(answer: bytes) -> Answered:
    """What is counted of two requests that are answered so."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            writer.write(answer)
            await writer.drain()
            if b"content-length: 2" not in answer.lower():
                break
            await reader.readuntil(b"{}")
        writer.close()

    async def story() -> Answered:
        server = await asyncio.start_server(one, "127.0.0.1", 0)
        async with server:
            port: int = server.sockets[0].getsockname()[1]
            target = Target("127.0.0.1", port, HEAD)
            dues = [Due(0.0, b"u", b"{}", name, 0) for name in ("e1", "e2")]
            return await _Asking(target, time.monotonic(), 0.0).all(dues)

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("answer", "statuses", "decided"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", {200: 2}, 2),
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}", {202: 2}, 0),
        (b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\nno", {503: 2}, 0),
        (b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", {0: 2}, 0),
        (b"", {0: 2}, 0),
    ],
)
def test_answers_are_counted_by_status(
    answer: bytes, statuses: dict[int, int], decided: int
) -> None:
    found = answered(answer)
    assert (found.statuses, len(found.seconds)) == (statuses, decided)


def test_a_connection_that_the_server_has_closed_is_not_used_again() -> None:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async def story() -> list[int]:
        server = await asyncio.start_server(one, "127.0.0.1", 0)
        async with server:
            target = Target("127.0.0.1", server.sockets[0].getsockname()[1], HEAD)
            asking = _Asking(target, time.monotonic(), 0.0)
            first = await asking._exchange(b"{}")
            reader, _ = asking._idle[0]
            while not reader.at_eof():
                await asyncio.sleep(0)
            return [first, await asking._exchange(b"{}")]

    assert asyncio.run(story()) == [200, 200]
