"""How soon an event can be read in a store: samples of the traffic, looked for until they appear.

A new sample is taken at a fixed pace, whether or not those before have been found, so that a stall
counts with all the events that it delays.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from risk.background import Background
from risk.cli.demonstration.tally import Identity
from risk.config.settings import Settings
from sinks import registry
from sinks.store import Ask, Tag

AGAIN_S = 1.0  # after an error: the store may be away


class Probe(Background):
    """One store, in a thread of its own. `found_ms` has how long each found sample took.

    What was not found when it ends is left out: it may have been late, or rejected.
    """

    def __init__(self, store: str, settings: Settings, ruleset: Tag) -> None:
        super().__init__()
        loaded = registry.load(store)
        self._open: Callable[[], Ask] = lambda: loaded.probe(settings, ruleset)
        self.resolution_s: float = loaded.PROBE_PAUSE_S
        self._waiting: dict[str, tuple[Identity, int]] = {}
        self.found_ms: list[int] = []

    def sample(self, event: Identity, append_ms: int) -> None:
        """Look for this event, whose record was appended at that time (ms UTC)."""
        self._waiting[event.event_id] = (event, append_ms)

    @property
    def waits(self) -> bool:
        """Whether an event is still looked for."""
        return bool(self._waiting)

    def forget(self) -> None:
        """Forget all samples, and how long they took."""
        self._waiting.clear()
        self.found_ms.clear()

    def drop(self, gone: Callable[[Identity], bool]) -> None:
        """Look no longer for those events of which nothing will be written."""
        for event, _ in list(self._waiting.values()):
            if gone(event):
                self._waiting.pop(event.event_id, None)

    def _run(self) -> None:
        ask: Ask | None = None
        while not self._ended.wait(self.resolution_s):
            waiting = list(self._waiting.values())
            if not waiting:
                continue
            try:
                ask = ask or self._open()
                seen = ask([event.payment for event, _ in waiting])
            except Exception:  # whatever the store's client raises: the store is away
                ask = None
                self._ended.wait(AGAIN_S)
                continue
            now = time.time_ns() // 1_000_000
            for event, append_ms in waiting:
                if event.payment in seen:
                    self.found_ms.append(now - append_ms)
                    self._waiting.pop(event.event_id, None)
