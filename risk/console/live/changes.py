"""Which cases have changed lately, up to a bound: what pages of cases are told of."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from itertools import islice
from typing import Final

from risk.console.live.place import Place
from risk.registry.cases.listen import Changed

KEPT: Final = 10_000


class Changes:
    """A bounded memory of steps. One thread adds, any number of others read.

    Its places are of one unbroken stretch of listening: `begin` starts another, as nobody can know
    what happened between two.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept: deque[Changed] = deque(maxlen=kept)
        self._lock = threading.Lock()
        self._place = Place(secrets.token_hex(4), 0)

    @property
    def place(self) -> Place:
        """Where it is now."""
        return self._place

    def begin(self) -> None:
        """Forget all: some may have been missed."""
        with self._lock:
            self._kept.clear()
            self._place = Place(secrets.token_hex(4), 0)

    def add(self, changed: Changed) -> None:
        """Keep a step."""
        with self._lock:
            self._kept.append(changed)
            self._place = Place(self._place.epoch, self._place.seq + 1)

    def after(self, place: Place) -> list[Changed] | None:
        """What came after that place, the oldest first; None if some of it isn't known any more."""
        with self._lock:
            epoch, last = self._place
            if place.epoch != epoch or not last - len(self._kept) <= place.seq <= last:
                return None
            return [*islice(self._kept, len(self._kept) - (last - place.seq), None)]
