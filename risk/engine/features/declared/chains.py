"""Values that look back at single earlier payments of a key: each a small fold.

`mark` is the bit of an entry's `flags` that says whether it counts; 0: each counts. An earlier
payment counts within `window` ms before the present one.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.geo import distance_km
from risk.engine.rules.declaration import KNOWN, SECOND

HOUR_MS: Final = 3_600_000


class Chain(Protocol):
    """A fold of one feature: read before the payment is counted in."""

    def read(self, e: Any) -> FeatureValue:
        """The feature of an entry that hasn't been counted in yet."""

    def count(self, e: Any) -> None:
        """Count an entry in."""

    def dump(self) -> Any:
        """As msgpack can hold it."""

    def load(self, dumped: Any) -> None:
        """Become what was dumped."""


class Previous:
    """The number that the payment before had; 0 if there is none."""

    __slots__ = ("_last", "_mark", "_of", "_window")

    def __init__(self, window: int, mark: int, of: str) -> None:
        self._window, self._mark, self._of = window, mark, of
        self._last: list[int] | None = None  # time, number

    def read(self, e: Any) -> int:
        """As `Chain` says."""
        last = self._last
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
        self._last = dumped


class Since:
    """Whole seconds since the payment before; those of the window if there is none."""

    __slots__ = ("_last", "_mark", "_window")

    def __init__(self, window: int, mark: int, of: str = "") -> None:
        self._window, self._mark = window, mark
        self._last: int | None = None

    def read(self, e: Any) -> int:
        """As `Chain` says."""
        gap = self._window if self._last is None else min(e.time - self._last, self._window)
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
        self._last = dumped


class New:
    """Whether the key has a past, but none with this value. The latest used 64 are known."""

    __slots__ = ("_known", "_mark", "_of", "_window")

    def __init__(self, window: int, mark: int, of: str) -> None:
        self._window, self._mark, self._of = window, mark, of
        self._known: dict[Any, int] = {}  # value -> its last use; the latest used at the end

    def read(self, e: Any) -> bool:
        """As `Chain` says."""
        value, known, since = getattr(e, self._of), self._known, e.time - self._window
        if value is None or not known or next(reversed(known.values())) <= since:
            return False
        return bool(known.get(value, since) <= since)

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
        self._known = dict(dumped)


class Distance:
    """Kilometres from the place before; 0 if either has none. (0, 0) is no place."""

    __slots__ = ("_mark", "_place", "_window")

    def __init__(self, window: int, mark: int, of: str = "") -> None:
        self._window, self._mark = window, mark
        self._place: tuple[int, float, float] | None = None

    def read(self, e: Any) -> float:
        """As `Chain` says."""
        place = self._before(e)
        return distance_km(place[1], place[2], e.lat, e.lon) if place else 0.0

    def count(self, e: Any) -> None:
        """As `Chain` says."""
        if _placed(e) and (not self._mark or e.flags & self._mark):
            self._place = e.time, e.lat, e.lon

    def dump(self) -> Any:
        """As `Chain` says."""
        return self._place

    def load(self, dumped: Any) -> None:
        """As `Chain` says."""
        self._place = tuple(dumped) if dumped else None

    def _before(self, e: Any) -> tuple[int, float, float] | None:
        place = self._place
        return place if place and _placed(e) and e.time - place[0] < self._window else None


class Speed(Distance):
    """Kilometres an hour over that distance, in at least a second."""

    __slots__ = ()

    def read(self, e: Any) -> float:
        """As `Chain` says."""
        place = self._before(e)
        if not place:
            return 0.0
        hours = max(e.time - place[0], SECOND) / HOUR_MS
        distance: float = distance_km(place[1], place[2], e.lat, e.lon)
        speed: float = round(distance / hours, 3)
        return speed


def _placed(e: Any) -> bool:
    return e.lat is not None and e.lon is not None and bool(e.lat or e.lon)


CHAINS: Final = {
    "previous": Previous,
    "since": Since,
    "new": New,
    "distance": Distance,
    "speed": Speed,
}
