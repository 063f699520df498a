"""What the timelines of one stage have in common: a history, a window, or both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from risk.features.catalogue import FeatureValue
from risk.features.cursor import Sliding
from risk.features.entry import Entry

Values = tuple[FeatureValue, ...]


class History(Protocol):
    """A fold over a key's events, in order."""

    def observe(self, entry: Entry) -> Values:
        """The features of `entry`, then count it in."""

    def count(self, entry: Entry) -> None:
        """Count `entry` in, as `observe` does, where nobody asks for its features."""

    def dump(self) -> Any:
        """All of it, as msgpack can hold it; is packed before the history goes on."""

    def load(self, dumped: Any) -> None:
        """Become what was dumped."""


class Shape:
    """What the timelines of one stage have in common."""

    __slots__ = ("history", "sliding", "window")

    def __init__(
        self,
        history: Callable[[], History] | None = None,
        sliding: type[Sliding] | None = None,
        window: int = 0,
    ) -> None:
        self.history, self.sliding, self.window = history, sliding, window

    def scan(self, entries: list[Entry], index: int) -> Values:
        """The sliding features of `entries[index]`, from the entries themselves."""
        start, far = index, entries[index].time - self.window
        while start and entries[start - 1].time > far:
            start -= 1
        assert self.sliding
        return self.sliding.of(entries[start : index + 1])
