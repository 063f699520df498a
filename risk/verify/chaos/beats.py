"""The payments of the pulse: when each was sent and decided, and what follows from that."""

from __future__ import annotations

import threading
from typing import Final

import msgspec

from sinks.store import Payment

CALM_S: Final = 3.0  # for so long decisions have to be prompt before it is said that they are


class Beat(msgspec.Struct, eq=False):
    """A payment, and when it was sent and first decided, in s of the monotonic clock."""

    payment: Payment
    sent: float
    decided: float | None = None

    def waited(self, now: float) -> float:
        """For how long it has waited, or still waits."""
        return (now if self.decided is None else self.decided) - self.sent


class Beats:
    """Those of a while; threads may add and ask at once."""

    def __init__(self) -> None:
        self.closed = False
        self._lock = threading.Lock()
        self._beats: dict[str, Beat] = {}  # by event_id, in the order in which they were sent

    def add(self, beat: Beat) -> None:
        """One is about to be sent."""
        with self._lock:
            self._beats[beat.payment[0]] = beat

    def drop(self, beat: Beat) -> None:
        """One was not sent after all."""
        with self._lock:
            self._beats.pop(beat.payment[0], None)

    def decided(self, event_id: str, now: float) -> None:
        """One was decided; what comes after the first time is not looked at."""
        with self._lock:
            beat = self._beats.get(event_id)
            if beat is not None and beat.decided is None:
                beat.decided = now

    def forget(self, before: float) -> None:
        """Forget those sent before, but what still waits."""
        with self._lock:
            self._beats = {
                name: beat
                for name, beat in self._beats.items()
                if beat.decided is None or beat.sent >= before
            }

    def sent(self, since: float, until: float) -> list[Beat]:
        """Those sent from a moment on, and before another."""
        with self._lock:
            return [beat for beat in self._beats.values() if since <= beat.sent < until]

    def waiting(self) -> int:
        """How many are not decided."""
        with self._lock:
            return sum(beat.decided is None for beat in self._beats.values())

    def longest(self, since: float, now: float) -> float:
        """The longest wait of those that were on their way at a moment, or were sent later."""
        with self._lock:
            found = [beat.waited(now) for beat in self._beats.values() if _touches(beat, since)]
        return max(found, default=0.0)

    def recovered(self, since: float, now: float, prompt_s: float) -> float | None:
        """How long after `since` the last that had to wait for more than `prompt_s` was decided.

        0 if none had to. None as long as one waits, and until all of the last few seconds were
        prompt.
        """
        with self._lock:
            beats = [beat for beat in self._beats.values() if _touches(beat, since)]
        slow = [beat for beat in beats if beat.waited(now) > prompt_s]
        if any(beat.decided is None for beat in slow):
            return None
        over = max((beat.decided or 0.0 for beat in slow), default=since)
        calm = [beat for beat in beats if beat.sent >= over and beat.decided is not None]
        if not calm or now - max(over, since) < CALM_S or now - calm[-1].sent > CALM_S:
            return None
        return max(0.0, over - since)


def _touches(beat: Beat, since: float) -> bool:
    return beat.sent >= since or beat.decided is None or beat.decided >= since
