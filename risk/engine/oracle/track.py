"""The events of one key, sorted, and which of them a feature counts: to cut slices from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any

from risk.engine.oracle.conditions import holds
from risk.engine.oracle.reading import order, read
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.declaration import Declaration


class Track:
    """A key's events in the order (event_time, event_id, user_id)."""

    def __init__(self, events: Iterable[Transaction]) -> None:
        self.events = sorted(events, key=order)
        self.times = [event.event_time for event in self.events]
        self._runs: dict[int, list[int]] = {}

    def start(self, one: Declaration, index: int) -> int:
        """Where the span begins that a feature looks at, at the event of that index."""
        now = self.times[index]
        if one.session:
            starts = self._starts(one.session)
            return starts[bisect_right(starts, index) - 1]
        if one.step:
            first = now // one.step - one.window // one.step + 1
            return bisect_left(self.times, first * one.step)
        return bisect_right(self.times, now - one.window)

    def _starts(self, gap_ms: int) -> list[int]:
        """Where runs of events begin that have gaps of at most so much."""
        if gap_ms not in self._runs:
            self._runs[gap_ms] = [
                i
                for i, time in enumerate(self.times)
                if i == 0 or time - self.times[i - 1] > gap_ms
            ]
        return self._runs[gap_ms]


class Counted:
    """Which events of a track a feature counts: `places` are their indexes; those of them that have
    its field are `valued`, and `values` are what they have.
    """

    def __init__(self, one: Declaration, track: Track) -> None:
        attributes, events = dict(one.attributes), track.events
        self.places = [
            i
            for i, txn in enumerate(events)
            if one.where is None or holds(one.where, txn, attributes)
        ]
        found = [(i, read(events[i], one.of)) for i in self.places] if one.of else []
        self.valued = [i for i, value in found if value is not None]
        self.values: list[Any] = [value for _, value in found if value is not None]

    def among(self, start: int, stop: int) -> range:
        """Where in `places` those stand from one index on, before another."""
        return range(bisect_left(self.places, start), bisect_left(self.places, stop))

    def with_value(self, start: int, stop: int) -> range:
        """The same in `valued` and `values`."""
        return range(bisect_left(self.valued, start), bisect_left(self.valued, stop))

    def values_among(self, start: int, stop: int) -> list[Any]:
        """The values of those."""
        found = self.with_value(start, stop)
        return self.values[found.start : found.stop]
