"""Which timelines to settle: those whose first changed event the frontier has passed."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush


class Unsettled:
    """Keys by the time of the first of their events that has changed, in ms UTC.

    Of each one place counts: where an earlier event changes, its later place is passed over.
    """

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._places: list[tuple[int, str]] = []  # a heap

    def add(self, key: str, time: int) -> None:
        """An event of that time has changed."""
        known = self._first.get(key)
        if known is None or time < known:
            self._first[key] = time
            heappush(self._places, (time, key))

    def due(self, settled: int) -> Iterator[str]:
        """The keys with such an event up to there. The caller adds those that have more."""
        while self._places and self._places[0][0] <= settled:
            time, key = heappop(self._places)
            if self._first.get(key) == time:
                del self._first[key]
                yield key
