"""A feed's connection leaves nothing behind, however it ends."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.websockets import WebSocket

from risk.config.settings import Settings
from risk.console.live.feed import _serve
from risk.console.live.filters import Filter
from risk.console.live.hub import Hub
from risk.console.masking import BY_DEFAULT
from tests.unit.console.alerts import alert


class Client:
    """The other end of a WebSocket that was accepted."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.says: asyncio.Queue[Any] = asyncio.Queue()
        self.socket = WebSocket({"type": "websocket"}, self.says.get, self._take)

    async def _take(self, message: Any) -> None:
        self.sent.append(message)

    async def connect(self) -> WebSocket:
        self.says.put_nowait({"type": "websocket.connect"})
        await self.socket.accept()
        return self.socket


async def serving(hub: Hub, client: Client) -> asyncio.Task[None]:
    """A connection that has sent an alert."""
    since = hub.place
    hub.ring.add(alert(1))
    own: Any = SimpleNamespace(hub=hub, masks=BY_DEFAULT)
    task = asyncio.create_task(_serve(own, await client.connect(), Filter(), since))
    while len(client.sent) < 2:
        await asyncio.sleep(0)
    return task


def left() -> set[str]:
    """The halves that are still there."""
    return {task.get_coro().__qualname__ for task in asyncio.all_tasks()} & {"_send", "_leave"}  # type: ignore[union-attr]


def test_a_client_that_leaves_ends_both_halves() -> None:
    async def story() -> None:
        client = Client()
        task = await serving(Hub(Settings(), lambda: None), client)
        client.says.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await task
        assert left() == set()

    asyncio.run(story())


@pytest.mark.parametrize("turns", range(6))
def test_a_client_that_leaves_at_a_beat_ends_both_halves(turns: int) -> None:
    async def story() -> None:
        hub, client = Hub(Settings(), lambda: None), Client()
        task = await serving(hub, client)
        for _ in range(10):  # it waits for the next beat
            await asyncio.sleep(0)
        client.says.put_nowait({"type": "websocket.disconnect", "code": 1000})
        for _ in range(turns):
            await asyncio.sleep(0)
        hub._changed.set()
        hub._changed = asyncio.Event()
        for _ in range(50):
            await asyncio.sleep(0)
        assert task.done()
        assert left() == set()

    asyncio.run(story())


def test_a_server_that_ends_it_ends_both_halves() -> None:
    async def story() -> None:
        task = await serving(Hub(Settings(), lambda: None), Client())
        task.cancel("by the server")
        with pytest.raises(asyncio.CancelledError, match="by the server"):
            await task
        while left():  # each takes a few turns to see it
            await asyncio.sleep(0)

    asyncio.run(story())


def test_what_goes_wrong_in_it_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        hub = Hub(Settings(), lambda: None)
        task = await serving(hub, Client())

        async def fails(*_: object) -> int:
            raise ZeroDivisionError

        monkeypatch.setattr(hub, "changed", fails)
        hub._changed.set()
        with pytest.raises(ZeroDivisionError):
            await task

    asyncio.run(story())
