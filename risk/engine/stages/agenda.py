"""When to look at which timeline again: once for all that is due by then, not once an event."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Final

from risk.engine.features.timeline import NEVER, Timeline

STEP_MS: Final = 250  # as the frontier's: a look may come so much late, but not early


class Agenda:
    """Timelines by their next look, each in one place that counts: what `look_at` says."""

    def __init__(self) -> None:
        self._steps: list[int] = []  # a heap
        self._timelines: dict[int, list[Timeline]] = {}  # step -> those to look at by then

    def add(self, timeline: Timeline, time: int) -> None:
        """Look at it when `time` is passed, and not when it was to be until now."""
        step = timeline.look_at = -(-time // STEP_MS)
        there = self._timelines.get(step)
        if there is None:
            heappush(self._steps, step)
            self._timelines[step] = [timeline]
        else:
            there.append(timeline)

    def advance(self, timeline: Timeline, time: int) -> None:
        """Look at it as `add` says, unless that is to be sooner anyway."""
        if -(-time // STEP_MS) < timeline.look_at:
            self.add(timeline, time)

    def due(self, horizon: int) -> Iterator[Timeline]:
        """Those to look at by now. The caller adds each that is still needed, for a later time."""
        while self._steps and self._steps[0] * STEP_MS <= horizon:
            step = heappop(self._steps)
            for timeline in self._timelines.pop(step):
                if timeline.look_at == step:
                    timeline.look_at = NEVER
                    yield timeline

    @staticmethod
    def passed(horizon: int) -> int:
        """The time up to which no look is outstanding, once those that are due are done."""
        return horizon - horizon % STEP_MS
