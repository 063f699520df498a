"""What the timelines of one stage have in common: a history, windows, or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from risk.engine import exact
from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.cursor import Cursor, Panes, Sliding, View
from risk.engine.features.entry import Entry, Position

Values = tuple[FeatureValue, ...]


class History(Protocol):
    """A fold over a key's events, in order."""

    def observe(self, entry: Entry) -> Values:
        """The features of `entry`, then count it in."""

    def count(self, entry: Entry) -> None:
        """Count `entry` in, as `observe` does, where nobody asks for its features."""

    def commutes(self, entry: Entry, then: History) -> bool:
        """Whether counting `entry` in comes to the same now as where it belongs, all before it
        being `then`. Where that can't be told, no.
        """

    def copy(self) -> History:
        """Another one that is alike, and stays so when this one counts on."""


class Shape:
    """A fold, a struct that is a `History` and is packed as it stands, if there is one; and any
    number of windows, (length in ms, what is kept of it), the longest last.
    """

    __slots__ = ("_unpack", "history", "window", "windows")

    def __init__(
        self,
        fold: type[msgspec.Struct] | None,
        windows: Sequence[tuple[int, type[Sliding]]],
    ) -> None:
        self.history: type[Any] | None = fold
        self.windows = tuple(windows)
        self.window = max((window for window, _ in self.windows), default=0)
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
        cursors = [Cursor(window, sliding) for window, sliding in self.windows]
        return cursors[0] if len(cursors) == 1 else Panes(cursors)

    def scan(self, entries: list[Entry], index: int) -> Values:
        """The sliding features of `entries[index]`, from the entries themselves."""
        time = entries[index].time
        if index < len(entries) - 1:
            entries = entries[: index + 1]
        values: Values = ()
        for window, sliding in self.windows:
            values += sliding.of(reversed(entries), time - window)
        return values
