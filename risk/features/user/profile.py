"""What a user's past says of an event: place, device, country and the usual amount."""

from __future__ import annotations

from typing import Any

from risk.features.catalogue import DAY, HISTORY, HISTORY_DAYS, KNOWN_PLACES
from risk.geo import distance_km

HOUR_MS = 3_600_000
Values = tuple[float, float, bool, bool, int, float]


class Profile:
    """A fold over the user's events in order. Sums are exact integers per UTC day and currency."""

    __slots__ = ("countries", "days", "devices", "last", "place", "totals")

    def __init__(self) -> None:
        self.last = -HISTORY
        self.place: tuple[int, float, float] | None = None
        self.devices: dict[str, int] = {}  # device -> last use, the latest used at the end
        self.countries: dict[str, int] = {}
        self.days: list[list[Any]] = []  # [day, currency, events, sum of amounts]
        self.totals: dict[str, list[int]] = {}  # currency -> [events, sum] over `days`

    def observe(self, entry: Any) -> Values:
        """user_distance_km … user_amount_ratio of the entry; then count it in."""
        time, _, _, amount, currency, _, device, country, lat, lon, _ = entry
        since = time - HISTORY
        known = self.last > since
        new_device = known and self.devices.get(device, since) <= since
        new_country = known and self.countries.get(country, since) <= since
        _use(self.devices, device, time)
        _use(self.countries, country, time)
        self.last = time
        distance, speed = self._move(time, lat, lon, since)
        count, ratio = self._spend(time // DAY, currency, amount)
        return distance, speed, new_device, new_country, count, ratio

    def _move(
        self, time: int, lat: float | None, lon: float | None, since: int
    ) -> tuple[float, float]:
        if lat is None or lon is None:
            return 0.0, 0.0
        place, self.place = self.place, (time, lat, lon)
        if place is None or place[0] <= since:
            return 0.0, 0.0
        distance = distance_km(place[1], place[2], lat, lon)
        return distance, round(distance / (max(time - place[0], 1000) / HOUR_MS), 3)

    def _spend(self, day: int, currency: str, amount: int) -> tuple[int, float]:
        days, totals = self.days, self.totals
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
        return count, round(amount * count / spent, 4) if spent else 0.0

    def dump(self) -> Any:
        """As msgpack can hold it."""
        return [
            self.last,
            self.place,
            list(self.devices.items()),
            list(self.countries.items()),
            self.days,
        ]

    def load(self, dumped: Any) -> None:
        """Become what was dumped."""
        self.last, place, devices, countries, days = dumped
        self.place = tuple(place) if place else None
        self.devices = dict(devices)
        self.countries = dict(countries)
        self.days = [list(day) for day in days]
        for _, currency, events, total in self.days:
            sums = self.totals.setdefault(currency, [0, 0])
            sums[0] += events
            sums[1] += total


def _use(places: dict[str, int], name: str, time: int) -> None:
    """Note the use of a device or country; remember the latest used ones only."""
    places.pop(name, None)
    places[name] = time
    if len(places) > KNOWN_PLACES:
        del places[next(iter(places))]
