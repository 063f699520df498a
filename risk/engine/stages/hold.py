"""A frontier waits until feedback has been read as far as the payments that moved it."""

from __future__ import annotations

from collections import deque
from typing import Final

from risk.engine.stages.base import Frontier

NOTHING_READ: Final = -1  # before any append time


class Hold:
    """Lets a frontier pass once all feedback is known that was appended before it.

    A verdict counts from some time after it stands in the log, so all that count at or before a
    frontier have been appended before the payments that moved it. Both logs carry the broker's
    times, so no other clock matters.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Frontier]] = deque()  # the latest append time, ms UTC
        self._passed = Frontier(-1)
        self._known_to = NOTHING_READ
        self.appended = NOTHING_READ  # the latest payment that was read

    def known(self, appended: int) -> None:
        """Feedback was read to its end, after a payment had been read that was appended then."""
        self._known_to = max(self._known_to, appended)

    def passes(self, frontier: Frontier) -> Frontier:
        """The frontier that later stages may know of, now that it would be this one."""
        waiting = self._waiting
        if waiting and waiting[-1][0] == self.appended:
            waiting.pop()
        waiting.append((self.appended, frontier))
        while waiting and waiting[0][0] <= self._known_to:
            _, self._passed = waiting.popleft()
        return self._passed

    @property
    def holds(self) -> bool:
        """Whether a frontier is waiting."""
        return bool(self._waiting)
