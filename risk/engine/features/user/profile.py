"""What a user's past says of an event: place, device, country and the usual amount."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from risk.engine.features.catalogue import DAY, HISTORY, HISTORY_DAYS, HOUR, KNOWN_PLACES
from risk.engine.features.entry import Entry
from risk.engine.features.geo import distance_km

NEVER = -HISTORY
PARTS: Final = ("last", "place", "devices", "countries", "days")  # of what is dumped
Values = tuple[float, float, bool, bool, int, float]


class Profile(msgspec.Struct, gc=False):
    """A fold over the user's events in order. Sums are exact integers per UTC day and currency.

    Of the many users most have one device, one country and one currency: that is kept in few
    objects, as reaching for each costs more than what is done with it.
    """

    last: int = NEVER
    place: tuple[int, float, float] | None = None
    devices: list[Any] = []  # device, its last use, …; the latest used at the end
    countries: list[Any] = []
    days: list[list[Any]] = []  # [day, currency, events, sum of amounts]
    totals: dict[str, list[int]] | None = None  # currency -> [events, sum] over `days`

    def observe(self, entry: Entry) -> Values:
        """user_distance_km … user_amount_ratio of the entry; then count it in."""
        time, amount = entry.time, entry.amount
        since = time - HISTORY
        new_device = _is_new(self.devices, entry.device_id, time, since)
        new_country = _is_new(self.countries, entry.country, time, since)
        self.last = time
        distance, speed = self._move(time, entry.lat, entry.lon, since)
        events, spent = self._spend(time // DAY, entry.currency, amount)
        ratio = _ratio(amount, events, spent)
        return distance, speed, new_device, new_country, events, ratio

    def count(self, entry: Entry) -> None:
        """Count the entry in: distance, speed and ratio cost more than all the rest."""
        time, lat, lon = entry.time, entry.lat, entry.lon
        if entry.device_id:
            _use(self.devices, entry.device_id, time)
        if entry.country:
            _use(self.countries, entry.country, time)
        self.last = time
        if lat is not None and lon is not None and (lat or lon):
            self.place = time, lat, lon
        self._spend(time // DAY, entry.currency, entry.amount)

    def _move(
        self, time: int, lat: float | None, lon: float | None, since: int
    ) -> tuple[float, float]:
        if lat is None or lon is None or not (lat or lon):  # (0, 0) is no place
            return 0.0, 0.0
        place, self.place = self.place, (time, lat, lon)
        if place is None or place[0] <= since:
            return 0.0, 0.0
        distance = distance_km(place[1], place[2], lat, lon)
        return distance, round(distance / (max(time - place[0], 1000) / HOUR), 3)

    def _spend(self, day: int, currency: str, amount: int) -> tuple[int, int]:
        """Count an amount in; how many there were before in that currency, and their sum."""
        days, totals = self.days, self.totals
        if totals is None:
            if not days:
                days.append([day, currency, 1, amount])
                return 0, 0
            today = days[0]
            if len(days) == 1 and today[0] == day and today[1] == currency:
                _, _, count, spent = today
                today[2] += 1
                today[3] += amount
                return count, spent
            totals = self.totals = _sums(days)
        while days and days[0][0] <= day - HISTORY_DAYS:
            _, old, events, total = days.pop(0)
            totals[old][0] -= events
            totals[old][1] -= total
            if not totals[old][0]:
                del totals[old]
        sums = totals.setdefault(currency, [0, 0])
        count, spent = sums
        sums[0] += 1
        sums[1] += amount
        for today in reversed(days):
            if today[0] == day and today[1] == currency:
                today[2] += 1
                today[3] += amount
                break
            if today[0] != day:
                days.append([day, currency, 1, amount])
                break
        else:
            days.append([day, currency, 1, amount])
        return count, spent

    def dump(self) -> Any:
        """As msgpack can hold it."""
        return [
            self.last,
            self.place,
            list(zip(self.devices[::2], self.devices[1::2], strict=True)),
            list(zip(self.countries[::2], self.countries[1::2], strict=True)),
            self.days,
        ]

    def load(self, dumped: Any) -> None:
        """Become what was dumped."""
        self.last, place, devices, countries, days = dumped
        # Of earlier code it may be (0, 0), which is no place.
        self.place = tuple(place) if place and (place[1] or place[2]) else None
        self.devices = [part for use in devices for part in use]
        self.countries = [part for use in countries for part in use]
        self.days = [list(day) for day in days]
        self.totals = None


def _sums(days: list[list[Any]]) -> dict[str, list[int]]:
    totals: dict[str, list[int]] = {}
    for _, currency, events, total in days:
        sums = totals.setdefault(currency, [0, 0])
        sums[0] += events
        sums[1] += total
    return totals


def _ratio(amount: int, count: int, spent: int) -> float:
    """The amount over the mean of `count` amounts that sum up to `spent`."""
    return round(amount * count / spent, 4) if spent else 0.0


def _is_new(places: list[Any], name: str, time: int, since: int) -> bool:
    """Whether others were used after `since`, but not this one; then note its use.

    One that the payment doesn't have is never new, nor remembered.
    """
    if not name:
        return False
    known = bool(places) and places[-1] > since
    return _use(places, name, time) <= since and known


def _use(places: list[Any], name: str, time: int) -> int:
    """Note the use of a device or country; when it was used before, or long ago if it wasn't.

    Only the latest used ones are remembered.
    """
    before: int = NEVER
    if places and places[-2] == name:  # as most often
        before, places[-1] = places[-1], time
        return before
    if name in places:
        at = places.index(name)
        before = places[at + 1]
        del places[at : at + 2]
    places += name, time
    if len(places) > 2 * KNOWN_PLACES:
        del places[:2]
    return before
