"""Every feature of every event, each from the events themselves: sort, cut a slice, count.

Nothing is carried from one event to the next: no running sum, no state. A slice is found by
bisection in a key's sorted events, and each feature is one plain expression over it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, Final

from risk.engine.features.catalogue import (
    DAY,
    HISTORY,
    HISTORY_DAYS,
    IP_WINDOW,
    KNOWN_PLACES,
    MOST,
    NAMES,
    SESSION_GAP,
    SESSION_USERS,
    USER_WINDOW,
    FeatureValue,
)
from risk.engine.features.geo import distance_km
from risk.engine.oracle.track import Track
from risk.engine.payment.transaction import Transaction

Features = dict[str, FeatureValue]

# Of a payment without an address, or without a device: as if it were the only one that there is.
NO_IP: Final[Features] = {"ip_count_2m": 1, "ip_users_2m": 1}
NO_DEVICE: Final[Features] = {
    "device_session_ms": 0,
    "device_session_events": 1,
    "device_session_users": 1,
}


def features(scored: Sequence[Transaction]) -> Iterator[tuple[Transaction, Features]]:
    """Each scored event with its settled features, under the names of NAMES in their order."""
    users = _tracks(scored, lambda event: event.user_id)
    currencies = _tracks(scored, lambda event: (event.user_id, event.currency))
    placed = _tracks((e for e in scored if _is_placed(e)), lambda event: event.user_id)
    ips = _tracks((e for e in scored if e.ip), lambda event: _host(event.ip))
    devices = _tracks((e for e in scored if e.device_id), lambda event: event.device_id)
    nowhere = Track(())
    for event in scored:
        user, currency = users[event.user_id], currencies[event.user_id, event.currency]
        found = (
            _velocity(event, user, currency)
            | _place(event, placed.get(event.user_id, nowhere))
            | _known(event, user)
            | _amounts(event, currency)
            | (_ip(event, ips[_host(event.ip)]) if event.ip else NO_IP)
            | (_session(event, devices[event.device_id]) if event.device_id else NO_DEVICE)
        )
        yield event, {name: found[name] for name in NAMES}


def _tracks(events: Iterable[Transaction], key: Callable[[Transaction], Any]) -> dict[Any, Track]:
    groups: defaultdict[Any, list[Transaction]] = defaultdict(list)
    for event in events:
        groups[key(event)].append(event)
    return {name: Track(group) for name, group in groups.items()}


def _velocity(event: Transaction, user: Track, currency: Track) -> Features:
    """`currency` are the user's events in the event's currency."""
    window = user.window(event, USER_WINDOW)
    return {
        "user_count_5m": window.stop - window.start,
        "user_amount_5m": min(sum(currency.amounts[currency.window(event, USER_WINDOW)]), MOST),
        "user_merchants_5m": len(set(user.merchants[window]) - {""}),
        "user_micro_5m": sum(user.micro[window]),
        "user_round_5m": sum(user.round[window]),
    }


def _place(event: Transaction, placed: Track) -> Features:
    """`placed` are the user's events that have a place."""
    distance = speed = 0.0
    before = placed.before(event)
    if before and _is_placed(event) and event.lat is not None and event.lon is not None:
        last = placed.events[before - 1]
        elapsed = event.event_time - last.event_time
        if elapsed < HISTORY and last.lat is not None and last.lon is not None:
            distance = distance_km(last.lat, last.lon, event.lat, event.lon)
            speed = round(distance / (max(elapsed, 1_000) / 3_600_000), 3)
    return {"user_distance_km": distance, "user_speed_kmh": speed}


def _is_placed(event: Transaction) -> bool:
    """(0, 0) is no place, but what a terminal sends that knows none."""
    return event.lat is not None and (event.lat, event.lon) != (0, 0)


def _known(event: Transaction, user: Track) -> Features:
    first = bisect_right(user.times, event.event_time - HISTORY)
    latest_first = range(user.before(event) - 1, first - 1, -1)
    return {
        "user_new_device": _is_new(event.device_id, (user.devices[i] for i in latest_first)),
        "user_new_country": _is_new(event.country, (user.countries[i] for i in latest_first)),
    }


def _is_new(name: str, latest_first: Iterable[str]) -> bool:
    """Whether there are names, but this is not among the first distinct ones of them.

    Payments that have none don't count, neither this one nor those before.
    """
    if not name:
        return False
    seen: set[str] = set()
    for other in filter(None, latest_first):
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
    amounts = currency.amounts[first : currency.before(event)]
    count, total = len(amounts), sum(amounts)
    return {
        "user_history_count": count,
        "user_amount_ratio": round(event.amount * count / total, 4) if total else 0.0,
    }


def _host(ip: str) -> object:
    """The address that counts as one: of IPv6 a /64, which one host may use all of."""
    return ip if ip_address(ip).version == 4 else ip_network((ip, 64), strict=False)


def _ip(event: Transaction, ip: Track) -> Features:
    window = ip.window(event, IP_WINDOW)
    return {
        "ip_count_2m": window.stop - window.start,
        "ip_users_2m": len(set(ip.users[window])),
    }


def _session(event: Transaction, device: Track) -> Features:
    after = device.upto(event)
    first = device.run_start(after - 1, SESSION_GAP)
    return {
        "device_session_ms": event.event_time - device.times[first],
        "device_session_events": after - first,
        "device_session_users": min(len(set(device.users[first:after])), SESSION_USERS),
    }
