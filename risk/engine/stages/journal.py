"""A stage's recent entries as one blob a batch: a write per batch instead of one per event."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Any

from risk.engine.stages.base import Store
from risk.engine.stages.codec import pack, unpack

PREFIX = "journal/"


class Journal:
    """Batches of rows that leave together once the frontier has passed the last of them.

    Of each batch the caller gets back, when it leaves, what it has given to be held: the rows, or
    their keys.
    """

    def __init__(self, store: Store, prefix: str = PREFIX) -> None:
        self._store, self._prefix = store, prefix
        self._next = 0
        self._held: list[
            tuple[int, int, list[Any]]
        ] = []  # (latest event time, number, what is held)

    def append(self, latest: int, rows: list[Any], held: list[Any]) -> None:
        """Keep the rows of a batch, `latest` being their latest event time."""
        self._store.put(f"{self._prefix}{self._next}", pack([latest, rows]))
        heappush(self._held, (latest, self._next, held))
        self._next += 1

    def expire(self, horizon: int) -> Iterator[list[Any]]:
        """What is held of each batch whose latest event is at or before the horizon; drops it."""
        while self._held and self._held[0][0] <= horizon:
            _, number, held = heappop(self._held)
            yield held
            self._store.delete(f"{self._prefix}{number}")

    @property
    def next(self) -> int:
        """The number of the next batch."""
        return self._next

    def begin_at(self, number: int) -> None:
        """Give no batch a smaller number from now on."""
        self._next = max(self._next, number)

    def reload(self, number: int, blob: bytes) -> tuple[int, list[Any]]:
        """The rows of a stored batch. The caller then calls `held`."""
        latest, rows = unpack(blob)
        self._next = max(self._next, number + 1)
        return latest, rows

    def rewrite(self, number: int, latest: int, rows: list[Any]) -> None:
        """Store a reloaded batch with other rows."""
        self._store.put(f"{self._prefix}{number}", pack([latest, rows]))

    def held(self, latest: int, number: int, held: list[Any]) -> None:
        """A reloaded batch counts again."""
        heappush(self._held, (latest, number, held))

    def __len__(self) -> int:
        return len(self._held)
