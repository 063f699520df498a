"""Declared features of every event, by brute force: for each a slice of the key's events, looked at
anew.

It reads declarations, and shares nothing with what they are compiled to. Nothing is carried from
one event to the next: no running sum, no state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.geo import distance_km
from risk.engine.oracle.reading import Order, key_of, of_numbers, order, read
from risk.engine.oracle.track import Counted, Track
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.declaration import KNOWN, STEP_DISTINCT, Declaration


def declared(
    scored: Sequence[Transaction], declarations: Iterable[Declaration]
) -> dict[Order, dict[str, FeatureValue]]:
    """The declared features of each event, by name; events by time, event_id and user_id."""
    found: dict[Order, dict[str, FeatureValue]] = {order(txn): {} for txn in scored}
    of_key: defaultdict[tuple[str, ...], list[Declaration]] = defaultdict(list)
    for one in declarations:
        of_key[one.key].append(one)
    for ones in of_key.values():
        groups: defaultdict[tuple[Any, ...], list[Transaction]] = defaultdict(list)
        for txn in scored:
            key = key_of(ones[0], txn)
            if None in key:
                found[order(txn)] |= {one.name: one.unkeyed for one in ones}
            else:
                groups[key].append(txn)
        for events in groups.values():
            track = Track(events)
            for one in ones:
                counted = Counted(one, track)
                for index, txn in enumerate(track.events):
                    found[order(txn)][one.name] = _value(one, track, counted, index)
    return found


def _value(one: Declaration, track: Track, counted: Counted, index: int) -> FeatureValue:
    start = track.start(one, index)
    if one.value == "duration":
        return track.times[index] - track.times[start]
    if one.value in _LOOKS_BACK:
        return _LOOKS_BACK[one.value](one, track, counted, start, index)
    if one.value == "count":
        return len(counted.among(start, index + 1))
    if one.value == "earlier":
        return len(counted.among(start, index))
    if one.value == "distinct":
        return _distinct(one, track, counted, start, index)
    return of_numbers(one.value, counted.values_among(start, index + 1))


def _distinct(one: Declaration, track: Track, counted: Counted, start: int, index: int) -> int:
    """Of a session, and of each step, the first so many different values are told apart."""
    values = counted.values_among(start, index + 1)
    if one.span == "window":
        return len(set(values))
    parts: defaultdict[int, dict[Any, None]] = defaultdict(dict)
    for at, value in zip(counted.with_value(start, index + 1), values, strict=True):
        part = parts[track.times[counted.valued[at]] // one.step if one.step else 0]
        if len(part) < STEP_DISTINCT:
            part[value] = None
    return len(set().union(*parts.values()))


def _ratio(one: Declaration, track: Track, counted: Counted, start: int, index: int) -> float:
    numbers = counted.values_among(start, index)
    own, total = read(track.events[index], one.of) or 0, sum(numbers)
    return round(own * len(numbers) / total, 4) if total else 0.0


def _previous(one: Declaration, track: Track, counted: Counted, start: int, index: int) -> int:
    numbers: list[int] = counted.values_among(start, index)
    return numbers[-1] if numbers else 0


def _since(one: Declaration, track: Track, counted: Counted, start: int, index: int) -> int:
    before, times = counted.among(start, index), track.times
    if not before:
        return one.window // 1_000
    return (times[index] - times[counted.places[before[-1]]]) // 1_000


def _new(one: Declaration, track: Track, counted: Counted, start: int, index: int) -> bool:
    """Whether there are values, but this is not among the latest used ones of them."""
    value = read(track.events[index], one.of)
    if value is None:
        return False
    known: set[Any] = set()
    for at in reversed(counted.with_value(start, index)):
        known.add(counted.values[at])
        if len(known) > KNOWN:
            break
        if counted.values[at] == value:
            return False
    return bool(known)


def _place(
    track: Track, counted: Counted, start: int, index: int
) -> tuple[Transaction, float] | None:
    """The last payment before with a place, and the kilometres from there."""
    here = _place_of(track.events[index])
    if here is None:
        return None
    for at in reversed(counted.among(start, index)):
        last = track.events[counted.places[at]]
        if there := _place_of(last):
            return last, distance_km(*there, *here)
    return None


def _place_of(txn: Transaction) -> tuple[float, float] | None:
    """(0, 0) is no place, but what a terminal sends that knows none."""
    if txn.lat is None or txn.lon is None or (txn.lat, txn.lon) == (0, 0):
        return None
    return txn.lat, txn.lon


def _distance(one: Declaration, track: Track, counted: Counted, start: int, index: int) -> float:
    found = _place(track, counted, start, index)
    return found[1] if found else 0.0


def _speed(one: Declaration, track: Track, counted: Counted, start: int, index: int) -> float:
    found = _place(track, counted, start, index)
    if not found:
        return 0.0
    last, distance = found
    elapsed = track.times[index] - last.event_time
    return round(distance / (max(elapsed, 1_000) / 3_600_000), 3)


_LooksBack = Callable[[Declaration, Track, Counted, int, int], FeatureValue]
_LOOKS_BACK: dict[str, _LooksBack] = {
    "ratio": _ratio,
    "previous": _previous,
    "since": _since,
    "new": _new,
    "distance": _distance,
    "speed": _speed,
}
