"""A stage's store over Flink's keyed map state, written once a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Protocol


class MapState(Protocol):
    """What is used of pyflink's MapState[str, bytes]."""

    def put_all(self, entries: dict[str, bytes]) -> None:
        """Set many."""

    def remove(self, key: str) -> None:
        """Remove one."""

    def items(self) -> Iterable[tuple[str, bytes]]:
        """All there is."""


class ShardState:
    """All stages' stores of one shard over one map state.

    Each call into the state backend crosses to the JVM, so puts wait for `flush` at the end of
    the batch: the batch is one element to Flink, and no checkpoint comes between.
    """

    def __init__(self, state: MapState) -> None:
        self._state = state
        self._puts: dict[str, bytes] = {}
        self._deletes: set[str] = set()
        self._loaded: defaultdict[str, list[tuple[str, bytes]]] = defaultdict(list)
        for name, blob in state.items():
            stage, _, key = name.partition("/")
            self._loaded[stage].append((key, blob))

    def store(self, stage: str) -> StageStore:
        """The store of one stage."""
        return StageStore(self, stage + "/", self._loaded.pop(stage, []))

    def put(self, name: str, blob: bytes) -> None:
        """Set a blob, at the next flush."""
        self._puts[name] = blob
        self._deletes.discard(name)

    def delete(self, name: str) -> None:
        """Remove a blob, at the next flush."""
        self._puts.pop(name, None)
        self._deletes.add(name)

    def flush(self) -> None:
        """Write what has been put and deleted since the last flush."""
        if self._puts:
            self._state.put_all(self._puts)
            self._puts = {}
        for name in self._deletes:
            self._state.remove(name)
        self._deletes.clear()


class StageStore:
    """One stage's part of a shard's state."""

    def __init__(self, shard: ShardState, prefix: str, loaded: list[tuple[str, bytes]]) -> None:
        self._shard, self._prefix, self._loaded = shard, prefix, loaded

    def put(self, key: str, blob: bytes) -> None:
        """Set a blob."""
        self._shard.put(self._prefix + key, blob)

    def delete(self, key: str) -> None:
        """Remove a blob."""
        self._shard.delete(self._prefix + key)

    def items(self) -> Iterable[tuple[str, bytes]]:
        """What was there at the start; can be read once."""
        loaded, self._loaded = self._loaded, []
        return loaded


def as_map_state(state: Any) -> MapState:
    """Pyflink's state, typed."""
    typed: MapState = state
    return typed
