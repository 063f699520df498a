"""The latest alerts, up to a bound. Each has a number, so what came since can be told."""

from __future__ import annotations

import threading
from collections import deque
from itertools import islice
from typing import Final

from risk.console.live.entry import Entry, key
from risk.engine.messages import Alert

KEPT: Final = 20_000


class Ring:
    """A bounded memory of alerts. One thread adds, any number of others read.

    Of a payment and ruleset version the highest revision counts; what was read before is left out.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._entries: deque[Entry] = deque()
        self._latest: dict[tuple[str, str, int], Entry] = {}
        self._lock = threading.Lock()
        self._seq = 0

    @property
    def last(self) -> int:
        """The number of the latest alert; 0 before there is one."""
        return self._seq

    @property
    def is_full(self) -> bool:
        """Whether some alerts have been let go."""
        return self._seq > self._kept

    def add(self, alert: Alert) -> Entry | None:
        """Keep an alert; None if it, or a correction of it, was read before."""
        with self._lock:
            known = self._latest.get(key(alert))
            if known is not None and known.alert.revision >= alert.revision:
                return None
            self._seq += 1
            entry = Entry(self._seq, alert)
            self._entries.append(entry)
            self._latest[entry.key] = entry
            if len(self._entries) > self._kept:
                gone = self._entries.popleft()
                if self._latest.get(gone.key) is gone:
                    del self._latest[gone.key]
            return entry

    def after(self, seq: int, last: int) -> list[Entry] | None:
        """What came after one number up to another, oldest first.

        None if some of it isn't kept any more, or there never was such a number.
        """
        with self._lock:
            if seq > self._seq or seq < self._seq - len(self._entries):
                return None
            found = list(islice(reversed(self._entries), self._seq - seq))
            return [e for e in reversed(found) if e.seq <= last and self._latest[e.key] is e]

    def newest(self) -> list[Entry]:
        """All that is kept, newest first, each payment once."""
        with self._lock:
            return [one for one in reversed(self._entries) if self._latest[one.key] is one]

    def find(self, alert_id: str) -> Entry | None:
        """The latest entry of a payment, whatever ruleset has flagged it."""
        with self._lock:
            found = [one for one in self._latest.values() if one.alert.alert_id == alert_id]
        return max(found, key=lambda one: one.seq, default=None)
