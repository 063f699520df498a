"""A stage's recent entries as one blob a batch: a write per batch instead of one per event."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Any

from risk.stages.base import Store
from risk.stages.codec import pack, unpack

PREFIX = "journal/"


class Journal:
    """Batches of rows that leave together once the frontier has passed the last of them."""

    def __init__(self, store: Store, prefix: str = PREFIX) -> None:
        self._store, self._prefix = store, prefix
        self._next = 0
        self._held: list[tuple[int, int, list[Any]]] = []  # (latest event time, number, keys)

    def append(self, latest: int, rows: list[Any], keys: list[Any]) -> None:
        """Keep the rows of a batch, `latest` being their latest event time."""
        self._store.put(f"{self._prefix}{self._next}", pack([latest, rows]))
        heappush(self._held, (latest, self._next, keys))
        self._next += 1

    def expire(self, horizon: int) -> Iterator[list[Any]]:
        """The keys of each batch whose latest event is at or before the horizon; drops it."""
        while self._held and self._held[0][0] <= horizon:
            _, number, keys = heappop(self._held)
            yield keys
            self._store.delete(f"{self._prefix}{number}")

    @property
    def next(self) -> int:
        """The number of the next batch."""
        return self._next

    def reload(self, number: int, blob: bytes) -> tuple[int, list[Any]]:
        """The rows of a stored batch. The caller then says their keys with `held`."""
        latest, rows = unpack(blob)
        self._next = max(self._next, number + 1)
        return latest, rows

    def held(self, latest: int, number: int, keys: list[Any]) -> None:
        """A reloaded batch counts again."""
        heappush(self._held, (latest, number, keys))

    def __len__(self) -> int:
        return len(self._held)
