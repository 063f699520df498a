"""What the timelines of one stage have in common: a history, a window, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.cursor import Cursor, Panes, Sliding, View
from risk.engine.features.entry import Entry

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

    def cursor(self) -> View:
        """A new cursor over the window."""
        assert self.sliding
        return Cursor(self.window, self.sliding)

    def scan(self, entries: list[Entry], index: int) -> Values:
        """The sliding features of `entries[index]`, from the entries themselves."""
        assert self.sliding
        far = entries[index].time - self.window
        last = index == len(entries) - 1
        return self.sliding.of(reversed(entries if last else entries[: index + 1]), far)


class SeveralWindows(Shape):
    """A shape of any number of windows: (length in ms, what is kept of it), the longest last."""

    __slots__ = ("windows",)

    def __init__(
        self,
        history: Callable[[], History] | None,
        windows: Sequence[tuple[int, type[Sliding]]],
    ) -> None:
        self.windows = tuple(windows)
        longest = self.windows[-1] if self.windows else (0, None)
        super().__init__(history, longest[1], longest[0])

    def cursor(self) -> View:
        """A new cursor over all windows."""
        if len(self.windows) == 1:
            return super().cursor()
        return Panes([Cursor(window, sliding) for window, sliding in self.windows])

    def scan(self, entries: list[Entry], index: int) -> Values:
        """The sliding features of `entries[index]`, from the entries themselves."""
        time = entries[index].time
        values: Values = ()
        if index < len(entries) - 1:
            entries = entries[: index + 1]
        for window, sliding in self.windows:
            values += sliding.of(reversed(entries), time - window)
        return values
