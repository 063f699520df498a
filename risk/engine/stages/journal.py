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

    Of each batch the caller gets back, when it leaves, what it has given to be kept: the rows, or
    their keys.
    """

    def __init__(self, store: Store, prefix: str = PREFIX) -> None:
        self._store, self._prefix = store, prefix
        self._next = 0
        self._expiring: list[
            tuple[int, int, list[Any]]
        ] = []  # (latest event time, number, what is kept)

    def append(self, latest: int, rows: list[Any], restore: list[Any]) -> None:
        """Keep the rows of a batch, `latest` being their latest event time."""
        self._store.put(f"{self._prefix}{self._next}", pack([latest, rows]))
        heappush(self._expiring, (latest, self._next, restore))
        self._next += 1

    def expire(self, horizon: int) -> Iterator[list[Any]]:
        """What is kept of each batch whose latest event is at or before the horizon; drops it."""
        while self._expiring and self._expiring[0][0] <= horizon:
            _, number, restore = heappop(self._expiring)
            yield restore
            self._store.delete(f"{self._prefix}{number}")

    @property
    def next(self) -> int:
        """The number of the next batch."""
        return self._next

    def begin_at(self, number: int) -> None:
        """Give no batch a smaller number from now on."""
        self._next = max(self._next, number)

    def reload(self, number: int, blob: bytes) -> tuple[int, list[Any]]:
        """The rows of a stored batch. The caller then calls `restore`."""
        latest, rows = unpack(blob)
        self._next = max(self._next, number + 1)
        return latest, rows

    def rewrite(self, number: int, latest: int, rows: list[Any]) -> None:
        """Store a reloaded batch with other rows."""
        self._store.put(f"{self._prefix}{number}", pack([latest, rows]))

    def restore(self, latest: int, number: int, restore: list[Any]) -> None:
        """A reloaded batch counts again."""
        heappush(self._expiring, (latest, number, restore))

    def __len__(self) -> int:
        return len(self._expiring)
