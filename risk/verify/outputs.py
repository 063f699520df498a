"""When the topics that jobs write to are worth another look: once these have paused.

To compare all of them takes seconds of the machine that those need who are waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from risk.config.settings import Settings
from risk.kafka.scan import offsets
from risk.verify.store_reading import again

LONGEST_S: Final = 20.0  # what a topic doesn't show may have changed too, or it never rests

Ends = list[dict[int, tuple[int, int]]]


def ends(settings: Settings) -> Ends:
    """How far each topic reaches that jobs write to. Raises `UserError`."""
    names = settings.topics
    topics = (names.scores, names.alerts, names.late, names.dlq)
    return [offsets(settings, topic) for topic in topics]


class Outputs:
    """Made before the first look. `until` is when to give up, by the monotonic clock."""

    def __init__(
        self, ends: Callable[[], Ends], until: float, again: Callable[[float], bool] = again
    ) -> None:
        self._ends, self._until, self._again = ends, until, again
        self._seen = ends()
        self._over = False

    def changed(self) -> bool:
        """Wait until another look may find something else; False if none is left to be taken.

        When the time is over one more is, if there is more than the last one saw.
        """
        if self._over:
            return False
        asked, last = time.monotonic(), self._seen
        while self._again(self._until):
            now = self._ends()
            waited = time.monotonic() - asked >= LONGEST_S
            if waited or (now == last and now != self._seen):
                self._seen = now
                return True
            last = now
        self._over = True
        return self._ends() != self._seen
