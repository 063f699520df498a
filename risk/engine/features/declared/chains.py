"""Values that look back at single earlier payments of a key: small folds.

`mark` is the bit of an entry's `flags` that says whether it counts; 0: each counts. An earlier
payment counts within `window` ms before the present one.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from risk.engine.features.catalogue import HOUR, FeatureValue
from risk.engine.features.geo import distance_km
from risk.engine.rules.declaration import KNOWN, SECOND


class Chain(Protocol):
    """A fold that one feature is read from, or several."""

    def observe(self, e: Any) -> FeatureValue | tuple[FeatureValue, ...]:
        """The value at an entry that hasn't been counted in yet; then count it in."""

    def count(self, e: Any) -> None:
        """Count an entry in."""

    def dump(self) -> Any:
        """As msgpack can hold it."""

    def load(self, dumped: Any) -> None:
        """Become what was dumped: once for each feature that is read from it.

        One that is new has no past, and takes that of the others.
        """


class Previous:
    """The number that the payment before had; 0 if there is none."""

    __slots__ = ("_last", "_mark", "_of", "_window")

    def __init__(self, window: int, mark: int, of: str) -> None:
        self._window, self._mark, self._of = window, mark, of
        self._last: list[int] | None = None  # time, number

    def observe(self, e: Any) -> int:
        """As `Chain` says."""
        last = self._last
        self.count(e)
        return last[1] if last and e.time - last[0] < self._window else 0

    def count(self, e: Any) -> None:
        """As `Chain` says."""
        value = getattr(e, self._of)
        if value is not None and (not self._mark or e.flags & self._mark):
            self._last = [e.time, value]

    def dump(self) -> Any:
        """As `Chain` says."""
        return self._last

    def load(self, dumped: Any) -> None:
        """As `Chain` says."""
        if dumped:
            self._last = dumped


class Since:
    """Whole seconds since the payment before; those of the window if there is none."""

    __slots__ = ("_last", "_mark", "_window")

    def __init__(self, window: int, mark: int, of: str = "") -> None:
        self._window, self._mark = window, mark
        self._last: int | None = None

    def observe(self, e: Any) -> int:
        """As `Chain` says."""
        gap = self._window if self._last is None else min(e.time - self._last, self._window)
        self.count(e)
        return gap // SECOND

    def count(self, e: Any) -> None:
        """As `Chain` says."""
        if not self._mark or e.flags & self._mark:
            self._last = e.time

    def dump(self) -> Any:
        """As `Chain` says."""
        return self._last

    def load(self, dumped: Any) -> None:
        """As `Chain` says."""
        if dumped is not None:
            self._last = dumped


class New:
    """Whether the key has a past, but none with this value. The latest used 64 are known."""

    __slots__ = ("_known", "_mark", "_of", "_window")

    def __init__(self, window: int, mark: int, of: str) -> None:
        self._window, self._mark, self._of = window, mark, of
        self._known: dict[Any, int] = {}  # value -> its last use; the latest used at the end

    def observe(self, e: Any) -> bool:
        """As `Chain` says."""
        value, known, since = getattr(e, self._of), self._known, e.time - self._window
        if value is None:
            return False
        has_past = bool(known) and next(reversed(known.values())) > since
        if self._mark and not e.flags & self._mark:
            return has_past and known.get(value, since) <= since
        used = known.pop(value, since)
        known[value] = e.time
        if len(known) > KNOWN:
            del known[next(iter(known))]
        return has_past and used <= since

    def count(self, e: Any) -> None:
        """As `Chain` says."""
        value, known = getattr(e, self._of), self._known
        if value is None or (self._mark and not e.flags & self._mark):
            return
        known.pop(value, None)
        known[value] = e.time
        if len(known) > KNOWN:
            del known[next(iter(known))]

    def dump(self) -> Any:
        """As `Chain` says."""
        return [list(use) for use in self._known.items()]

    def load(self, dumped: Any) -> None:
        """As `Chain` says."""
        if dumped:
            self._known = dict(dumped)


class Moves:
    """Kilometres from the place before, and kilometres an hour over that in at least a second.

    Both are 0 if either payment has no place; (0, 0) is none. One fold for both values: to work
    the distance out takes longer than all the rest.
    """

    __slots__ = ("_mark", "_place", "_window")

    def __init__(self, window: int, mark: int, of: str = "") -> None:
        self._window, self._mark = window, mark
        self._place: tuple[int, float, float] | None = None

    def observe(self, e: Any) -> tuple[float, float]:
        """As `Chain` says."""
        place = self._place
        self.count(e)
        if place is None or not _placed(e) or e.time - place[0] >= self._window:
            return 0.0, 0.0
        distance = distance_km(place[1], place[2], e.lat, e.lon)
        hours = max(e.time - place[0], SECOND) / HOUR
        return distance, round(distance / hours, 3)

    def count(self, e: Any) -> None:
        """As `Chain` says."""
        if _placed(e) and (not self._mark or e.flags & self._mark):
            self._place = e.time, e.lat, e.lon

    def dump(self) -> Any:
        """As `Chain` says."""
        return self._place

    def load(self, dumped: Any) -> None:
        """As `Chain` says."""
        if dumped:
            self._place = tuple(dumped)


def _placed(e: Any) -> bool:
    return e.lat is not None and e.lon is not None and bool(e.lat or e.lon)


CHAINS: Final = {
    "previous": Previous,
    "since": Since,
    "new": New,
    "distance": Moves,
    "speed": Moves,
}
# Where the value stands among those of its chain, if it has several.
PLACES: Final = {"distance": "[0]", "speed": "[1]"}
