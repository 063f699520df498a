"""Every feature of every event, each from the events themselves: sort, cut a slice, count.

Nothing is carried from one event to the next: no running sum, no state. A slice is found by
bisection in a key's sorted events, and each feature is one plain expression over it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from risk.event import Transaction
from risk.features.catalogue import (
    DAY,
    HISTORY,
    HISTORY_DAYS,
    IP_WINDOW,
    KNOWN_PLACES,
    MICRO_AMOUNT,
    NAMES,
    ROUND_AMOUNT,
    SESSION_GAP,
    SESSION_USERS,
    USER_WINDOW,
    FeatureValue,
)
from risk.geo import distance_km

Order = tuple[int, str]
Features = dict[str, FeatureValue]


class Track:
    """A key's events in the order (event_time, event_id)."""

    def __init__(self, events: Iterable[Transaction]) -> None:
        self.events = sorted(events, key=order)
        self.orders = [order(event) for event in self.events]
        self.times = [event.event_time for event in self.events]

    def window(self, event: Transaction, length_ms: int) -> list[Transaction]:
        """The look-back window at an event, it included."""
        first = bisect_right(self.times, event.event_time - length_ms)
        return self.events[first : bisect_right(self.orders, order(event))]

    def before(self, event: Transaction) -> int:
        """How many events come before this one in the order."""
        return bisect_left(self.orders, order(event))


class Tracks:
    """The tracks of every key: an event's own is `tracks[event]`."""

    def __init__(self, scored: Iterable[Transaction], key: Callable[[Transaction], object]) -> None:
        groups: defaultdict[object, list[Transaction]] = defaultdict(list)
        for event in scored:
            groups[key(event)].append(event)
        self._key = key
        self._tracks = {name: Track(events) for name, events in groups.items()}

    def __getitem__(self, event: Transaction) -> Track:
        return self._tracks.get(self._key(event)) or Track(())


def order(event: Transaction) -> Order:
    """What events are ordered by."""
    return event.event_time, event.event_id


def features(scored: Sequence[Transaction]) -> Iterator[tuple[Transaction, Features]]:
    """Each scored event with its settled features, in the order and with the names of NAMES."""
    users = Tracks(scored, lambda event: event.user_id)
    currencies = Tracks(scored, lambda event: (event.user_id, event.currency))
    places = Tracks(
        (event for event in scored if event.lat is not None), lambda event: event.user_id
    )
    ips = Tracks(scored, lambda event: event.ip)
    devices = Tracks(scored, lambda event: event.device_id)
    for event in scored:
        found: Features = {}
        found |= _user_window(event, users[event].window(event, USER_WINDOW))
        found |= _place(event, places[event])
        found |= _known(event, users[event])
        found |= _amounts(event, currencies[event])
        found |= _ip_window(ips[event].window(event, IP_WINDOW))
        found |= _session(event, devices[event])
        yield event, {name: found[name] for name in NAMES}


def _user_window(event: Transaction, window: list[Transaction]) -> Features:
    amounts = [other.amount for other in window]
    return {
        "user_count_5m": len(window),
        "user_amount_5m": sum(other.amount for other in window if other.currency == event.currency),
        "user_merchants_5m": len({other.merchant_id for other in window}),
        "user_micro_5m": sum(amount <= MICRO_AMOUNT for amount in amounts),
        "user_round_5m": sum(amount > 0 and amount % ROUND_AMOUNT == 0 for amount in amounts),
    }


def _place(event: Transaction, placed: Track) -> Features:
    """`placed` are the user's events with a place."""
    distance = speed = 0.0
    before = placed.before(event)
    if before and event.lat is not None and event.lon is not None:
        last = placed.events[before - 1]
        elapsed = event.event_time - last.event_time
        if elapsed < HISTORY and last.lat is not None and last.lon is not None:
            distance = distance_km(last.lat, last.lon, event.lat, event.lon)
            speed = round(distance / (max(elapsed, 1_000) / 3_600_000), 3)
    return {"user_distance_km": distance, "user_speed_kmh": speed}


def _known(event: Transaction, user: Track) -> Features:
    first = bisect_right(user.times, event.event_time - HISTORY)
    past = range(user.before(event) - 1, first - 1, -1)  # latest first
    return {
        "user_new_device": _is_new(event.device_id, (user.events[i].device_id for i in past)),
        "user_new_country": _is_new(event.country, (user.events[i].country for i in past)),
    }


def _is_new(name: str, latest_first: Iterable[str]) -> bool:
    """Whether there are names, but this is not among the first distinct ones of them."""
    seen: set[str] = set()
    for other in latest_first:
        seen.add(other)
        if len(seen) > KNOWN_PLACES:
            break
        if other == name:
            return False
    return bool(seen)


def _amounts(event: Transaction, currency: Track) -> Features:
    """`currency` are the user's events in the event's currency."""
    first_day = event.event_time // DAY - HISTORY_DAYS + 1
    first = bisect_left(currency.times, first_day * DAY)
    amounts = [other.amount for other in currency.events[first : currency.before(event)]]
    count, total = len(amounts), sum(amounts)
    return {
        "user_history_count": count,
        "user_amount_ratio": round(event.amount * count / total, 4) if total else 0.0,
    }


def _ip_window(window: list[Transaction]) -> Features:
    return {"ip_count_2m": len(window), "ip_users_2m": len({other.user_id for other in window})}


def _session(event: Transaction, device: Track) -> Features:
    after = bisect_right(device.orders, order(event))
    first = after - 1
    while first > 0 and device.times[first] - device.times[first - 1] <= SESSION_GAP:
        first -= 1
    session = device.events[first:after]
    return {
        "device_session_ms": event.event_time - session[0].event_time,
        "device_session_events": len(session),
        "device_session_users": min(len({other.user_id for other in session}), SESSION_USERS),
    }
