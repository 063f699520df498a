"""How many payments have come, as a series of readings of where their topic ends."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

SPAN_MS: Final = 60_000


class Arrivals:
    """Readings of a count that grows. One thread adds, others read."""

    def __init__(self, span_ms: int = SPAN_MS) -> None:
        self._span_ms = span_ms
        self._readings: deque[tuple[int, int]] = deque()
        self._lock = threading.Lock()

    def add(self, now: int, total: int) -> None:
        """Note the total at `now` (ms). One that is smaller begins anew: the topic is another."""
        with self._lock:
            if self._readings and total < self._readings[-1][1]:
                self._readings.clear()
            self._readings.append((now, total))
            while len(self._readings) > 2 and self._readings[1][0] <= now - self._span_ms:
                self._readings.popleft()

    def recent(self, now: int) -> tuple[int, int] | None:
        """How many have come in the last minute, and in how many ms of it; None if unknown."""
        with self._lock:
            if len(self._readings) < 2 or now - self._readings[-1][0] > self._span_ms:
                return None
            (begin, first), (end, last) = self._readings[0], self._readings[-1]
        return last - first, end - begin
