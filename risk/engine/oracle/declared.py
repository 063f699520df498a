"""Declared features of every event, by brute force: all earlier events of the key, looked at anew.

It reads declarations, and shares nothing with what they are compiled to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.geo import distance_km
from risk.engine.oracle.conditions import holds
from risk.engine.oracle.reading import Order, key_of, of_numbers, order, read
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.declaration import KNOWN, STEP_DISTINCT, Declaration


class Seen(NamedTuple):
    """An event of a key, whether it meets the condition, and what the feature reads of it."""

    order: Order
    txn: Transaction
    counts: bool
    value: Any

    @property
    def time(self) -> int:
        """ms UTC."""
        return self.order[0]


def declared(
    scored: Sequence[Transaction], declarations: Iterable[Declaration]
) -> dict[Order, dict[str, FeatureValue]]:
    """The declared features of each event, by name; events by time, event_id and user_id."""
    found: dict[Order, dict[str, FeatureValue]] = {order(txn): {} for txn in scored}
    for one in declarations:
        groups: defaultdict[tuple[Any, ...], list[Seen]] = defaultdict(list)
        for txn in scored:
            key = key_of(one, txn)
            counts = one.where is None or holds(one.where, txn, dict(one.attributes))
            if None in key:
                found[order(txn)][one.name] = one.unkeyed
            else:
                value = read(txn, one.of) if one.of else None
                groups[key].append(Seen(order(txn), txn, counts, value))
        for events in groups.values():
            events.sort(key=lambda seen: seen.order)
            times = [seen.time for seen in events]
            for index, seen in enumerate(events):
                found[seen.order][one.name] = _value(one, events, times, index)
    return found


def _value(
    one: Declaration, events: Sequence[Seen], times: Sequence[int], index: int
) -> FeatureValue:
    now = events[index]
    if one.span == "session":
        start = index
        while start and times[start] - times[start - 1] <= one.session:
            start -= 1
        if one.value == "duration":
            return now.time - times[start]
    elif one.span == "steps":
        first = (now.time // one.step - one.window // one.step + 1) * one.step
        start = bisect_right(times, first - 1)
    else:
        start = bisect_right(times, now.time - one.window)
    if one.value in _LOOKS_BACK:
        before = [seen for seen in events[start:index] if seen.counts]
        return _LOOKS_BACK[one.value](one, before, now)
    seen = [one_ for one_ in events[start : index + 1] if one_.counts]
    if one.value == "count":
        return len(seen)
    if one.value == "earlier":
        return sum(other is not now for other in seen)
    if one.value == "distinct":
        return _distinct(one, seen)
    if one.value == "ratio":
        return _ratio([other for other in seen if other is not now], now)
    return of_numbers(one.value, _values(seen))


def _values(seen: Iterable[Seen]) -> list[Any]:
    return [other.value for other in seen if other.value is not None]


def _distinct(one: Declaration, seen: Sequence[Seen]) -> int:
    """Of a session, and of each step, the first so many different values are told apart."""
    if one.span == "window":
        return len(set(_values(seen)))
    parts: defaultdict[int, dict[Any, None]] = defaultdict(dict)
    for other in seen:
        part = parts[other.time // one.step if one.step else 0]
        if other.value is not None and len(part) < STEP_DISTINCT:
            part[other.value] = None
    return len(set().union(*parts.values()))


def _ratio(earlier: Sequence[Seen], now: Seen) -> float:
    numbers = _values(earlier)
    own = now.value or 0
    return round(own * len(numbers) / sum(numbers), 4) if sum(numbers) else 0.0


def _previous(one: Declaration, before: Sequence[Seen], now: Seen) -> int:
    numbers = _values(before)
    return numbers[-1] if numbers else 0


def _since(one: Declaration, before: Sequence[Seen], now: Seen) -> int:
    return (now.time - before[-1].time if before else one.window) // 1_000


def _new(one: Declaration, before: Sequence[Seen], now: Seen) -> bool:
    """Not among the latest used of the values that there are."""
    value = now.value
    latest_first = reversed(_values(before))
    known: dict[Any, None] = {}
    for _ in takewhile(lambda other: len(known | {other: None}) <= KNOWN, latest_first):
        known[_] = None
    return value is not None and bool(known) and value not in known


def _place(before: Sequence[Seen], now: Seen) -> tuple[Transaction, float] | None:
    """The last payment before with a place, and the kilometres from there."""
    placed = [seen.txn for seen in before if _is_placed(seen.txn)]
    if not placed or not _is_placed(now.txn):
        return None
    last, txn = placed[-1], now.txn
    if last.lat is None or last.lon is None or txn.lat is None or txn.lon is None:
        return None
    return last, distance_km(last.lat, last.lon, txn.lat, txn.lon)


def _is_placed(txn: Transaction) -> bool:
    return txn.lat is not None and txn.lon is not None and (txn.lat, txn.lon) != (0, 0)


def _distance(one: Declaration, before: Sequence[Seen], now: Seen) -> float:
    found = _place(before, now)
    return found[1] if found else 0.0


def _speed(one: Declaration, before: Sequence[Seen], now: Seen) -> float:
    found = _place(before, now)
    if not found:
        return 0.0
    last, distance = found
    return round(distance / (max(now.time - last.event_time, 1_000) / 3_600_000), 3)


_LOOKS_BACK: dict[str, Callable[[Declaration, Sequence[Seen], Seen], FeatureValue]] = {
    "previous": _previous,
    "since": _since,
    "new": _new,
    "distance": _distance,
    "speed": _speed,
}
