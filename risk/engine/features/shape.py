"""What the timelines of one stage have in common: a history, a window, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from risk.engine import exact
from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.cursor import Cursor, Panes, Sliding, View
from risk.engine.features.entry import Entry, Position

Values = tuple[FeatureValue, ...]

_unpack = msgspec.msgpack.Decoder(tuple[Position, Any], ext_hook=exact.extension).decode


class History(Protocol):
    """A fold over a key's events, in order."""

    def observe(self, entry: Entry) -> Values:
        """The features of `entry`, then count it in."""

    def count(self, entry: Entry) -> None:
        """Count `entry` in, as `observe` does, where nobody asks for its features."""


class Dumped(History, Protocol):
    """A history that says itself how it is kept."""

    def dump(self) -> Any:
        """All of it, as msgpack can hold it; is packed before the history goes on."""

    def load(self, dumped: Any) -> None:
        """Become what was dumped."""


class Shape:
    """What the timelines of one stage have in common."""

    __slots__ = ("history", "sliding", "window")

    def __init__(
        self,
        history: Callable[[], Any] | None = None,
        sliding: type[Sliding] | None = None,
        window: int = 0,
    ) -> None:
        self.history, self.sliding, self.window = history, sliding, window

    def pack(self, upto: Position, history: Any) -> bytes:
        """A history, and to where it reaches."""
        return exact.encode((upto, history.dump()))

    def unpack(self, packed: bytes) -> tuple[Position, Any]:
        """What was packed."""
        assert self.history
        upto, dumped = _unpack(packed)
        history = self.history()
        history.load(dumped)
        return upto, history

    def neutral(self) -> Sequence[Any]:
        """The parts of a history of nothing, as they are packed."""
        assert self.history
        parts: Sequence[Any] = self.history().dump()
        return parts

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


class Compiled(Shape):
    """A shape of compiled classes: any number of windows, (length in ms, what is kept of it), the
    longest last, and a fold that is a struct, which is packed as it stands.
    """

    __slots__ = ("_unpack", "windows")

    def __init__(
        self,
        fold: type[msgspec.Struct] | None,
        windows: Sequence[tuple[int, type[Sliding]]],
    ) -> None:
        self.windows = tuple(windows)
        longest = self.windows[-1] if self.windows else (0, None)
        super().__init__(fold, longest[1], longest[0])
        if fold:
            packed: Any = tuple[Position, fold]  # type: ignore[valid-type]
            self._unpack = msgspec.msgpack.Decoder(packed, ext_hook=exact.extension).decode

    def pack(self, upto: Position, history: Any) -> bytes:
        """A fold, and to where it reaches."""
        return exact.encode((upto, history))

    def unpack(self, packed: bytes) -> tuple[Position, Any]:
        """What was packed."""
        found: tuple[Position, Any] = self._unpack(packed)
        return found

    def neutral(self) -> Sequence[Any]:
        """The parts of a fold of nothing."""
        assert self.history
        return msgspec.structs.astuple(self.history())

    def cursor(self) -> View:
        """A new cursor over all windows."""
        if len(self.windows) == 1:
            return super().cursor()
        return Panes([Cursor(window, sliding) for window, sliding in self.windows])

    def scan(self, entries: list[Entry], index: int) -> Values:
        """The sliding features of `entries[index]`, from the entries themselves."""
        time = entries[index].time
        if index < len(entries) - 1:
            entries = entries[: index + 1]
        values: Values = ()
        for window, sliding in self.windows:
            values += sliding.of(reversed(entries), time - window)
        return values
