"""What all open pages share: alerts, changes of cases, how the servers are, and a pulse.

The pulse is at most four times a second, whatever comes: that is how 500 alerts a second reach a
browser as four messages.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from typing import Final, Literal, NamedTuple

from risk.config.settings import Settings
from risk.console.live.arrivals import Arrivals
from risk.console.live.changes import Changes
from risk.console.live.filters import Filter
from risk.console.live.listener import Listener
from risk.console.live.place import Place
from risk.console.live.reader import Reader, State
from risk.console.live.ring import Ring
from risk.console.live.summary import Summary, summarise

PULSE_S: Final = 0.25
PROBE_S: Final = 2.0
SUMMARIES: Final = 64  # of so many filters the last is kept for a moment


class Servers(NamedTuple):
    """How Kafka and Postgres are."""

    kafka: State = "away"
    postgres: Literal["up", "away"] = "up"


class Hub:
    """One for a console. `probe` asks Postgres, and raises if it is away."""

    def __init__(self, settings: Settings, probe: Callable[[], object]) -> None:
        self.ring, self.arrivals, self.cases = Ring(), Arrivals(), Changes()
        self.epoch = secrets.token_hex(4)
        self.servers = Servers()
        self.beat = 0  # how often something has changed
        self._reader = Reader(settings, self.ring, self.arrivals)
        self._listener = Listener(settings, self.cases)
        self._probe = probe
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._summaries: dict[Filter, tuple[int, Summary]] = {}
        self.ending = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Hub]:
        """Reads and beats while the block lasts."""
        self._reader.start()
        self._listener.start()
        self._tasks = [asyncio.create_task(self._beat()), asyncio.create_task(self._watch())]
        try:
            yield self
        finally:
            self.ending = True
            self._changed.set()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(
                asyncio.to_thread(self._reader.stop), asyncio.to_thread(self._listener.stop)
            )

    @property
    def place(self) -> Place:
        """Where the feed of alerts is now."""
        return Place(self.epoch, self.ring.last)

    def behind(self) -> int | None:
        """How many alerts are still to be read; None if nobody has looked lately."""
        return self._reader.behind()

    async def changed(self, beat: int, timeout_s: float) -> int:
        """The latest beat, as soon as it is another than that one, or after the timeout."""
        if self.beat == beat:
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`: in Python 3.11 it forgets to end when told so just at a beat.
                async with asyncio.timeout(timeout_s):
                    await self._changed.wait()
        return self.beat

    def summary(self, wanted: Filter) -> Summary:
        """What the latest alerts come to; the same for all who ask within a second."""
        now = time.time_ns() // 1_000_000
        second = now // 1_000
        known = self._summaries.get(wanted)
        if known is not None and known[0] == second:
            return known[1]
        newest = self.ring.newest()
        full = self.ring.is_full
        since = min((one.alert.raised_at for one in newest[-1:]), default=0) if full else 0
        found = summarise(wanted.of(newest), now, since)
        if len(self._summaries) >= SUMMARIES:
            self._summaries.clear()
        self._summaries[wanted] = (second, found)
        return found

    def recent_arrivals(self) -> tuple[int, int] | None:
        """How many payments have come in the last minute, and in how many ms of it."""
        return self.arrivals.recent(time.time_ns() // 1_000_000)

    async def _beat(self) -> None:
        told = (self.ring.last, self.cases.place, self.servers)
        while True:
            await asyncio.sleep(PULSE_S)
            self.servers = self.servers._replace(kafka=self._reader.state)
            now = (self.ring.last, self.cases.place, self.servers)
            if now != told:
                told = now
                self.beat += 1
                self._changed.set()
                self._changed = asyncio.Event()

    async def _watch(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._probe)
                self.servers = self.servers._replace(postgres="up")
            except Exception:
                self.servers = self.servers._replace(postgres="away")
            await asyncio.sleep(PROBE_S)
