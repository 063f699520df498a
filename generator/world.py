"""The world that payments happen in: places, merchants, banks, and users with their habits."""

from __future__ import annotations

import math
from bisect import bisect
from itertools import accumulate
from random import Random
from typing import NamedTuple

from risk.event import Channel


class Place(NamedTuple):
    """A city: where it is, what is paid with there, and how many of its coins make one cent."""

    name: str
    country: str
    currency: str
    lat: float
    lon: float
    scale: float


PLACES = (
    Place("Berlin", "DE", "EUR", 52.52, 13.40, 1),
    Place("Munich", "DE", "EUR", 48.14, 11.58, 1),
    Place("Paris", "FR", "EUR", 48.86, 2.35, 1),
    Place("Madrid", "ES", "EUR", 40.42, -3.70, 1),
    Place("Rome", "IT", "EUR", 41.90, 12.50, 1),
    Place("Vienna", "AT", "EUR", 48.21, 16.37, 1),
    Place("Amsterdam", "NL", "EUR", 52.37, 4.90, 1),
    Place("Lisbon", "PT", "EUR", 38.72, -9.14, 1),
    Place("London", "GB", "GBP", 51.51, -0.13, 0.9),
    Place("Manchester", "GB", "GBP", 53.48, -2.24, 0.9),
    Place("Zurich", "CH", "CHF", 47.38, 8.54, 1.2),
    Place("Stockholm", "SE", "SEK", 59.33, 18.07, 11),
    Place("Warsaw", "PL", "PLN", 52.23, 21.01, 4),
    Place("New York", "US", "USD", 40.71, -74.01, 1.1),
    Place("Chicago", "US", "USD", 41.88, -87.63, 1.1),
    Place("San Francisco", "US", "USD", 37.77, -122.42, 1.3),
    Place("Toronto", "CA", "CAD", 43.65, -79.38, 1.5),
    Place("Mexico City", "MX", "MXN", 19.43, -99.13, 18),
    Place("Sao Paulo", "BR", "BRL", -23.55, -46.63, 5),
    Place("Lagos", "NG", "NGN", 6.52, 3.38, 300),
    Place("Johannesburg", "ZA", "ZAR", -26.20, 28.05, 15),
    Place("Istanbul", "TR", "TRY", 41.01, 28.98, 30),
    Place("Dubai", "AE", "AED", 25.20, 55.27, 4),
    Place("Mumbai", "IN", "INR", 19.08, 72.88, 60),
    Place("Singapore", "SG", "SGD", 1.35, 103.82, 1.4),
    Place("Hong Kong", "HK", "HKD", 22.32, 114.17, 8),
    Place("Seoul", "KR", "KRW", 37.57, 126.98, 13),
    Place("Tokyo", "JP", "JPY", 35.68, 139.69, 1.5),
    Place("Sydney", "AU", "AUD", -33.87, 151.21, 1.5),
    Place("Auckland", "NZ", "NZD", -36.85, 174.76, 1.6),
)
BANKS = ("bank-north", "bank-south", "bank-union", "wallet-blue", "wallet-swift", "shop-direct")
# Groceries, fuel, restaurants, clothes, electronics, pharmacies, streaming, travel, cash, transfer.
CATEGORIES = ("5411", "5541", "5812", "5651", "5732", "5912", "4899", "4722", "6011", "4829")
MERCHANTS = 5_000
ZIPF = 0.6  # how unequal users' activity is
CHANNELS: tuple[Channel, ...] = ("pos", "web", "app", "atm")


class User(NamedTuple):
    """A user's habits. `mu` is the mean of the logarithm of the amounts, in minor units."""

    user_id: str
    home: Place
    lat: float
    lon: float
    devices: tuple[str, ...]
    ips: tuple[str, ...]
    merchants: tuple[int, ...]
    card: str
    source: str
    mu: float
    wakes: int  # UTC hour at which the active part of the day begins


class World:
    """All users and merchants, made from the seed as they are asked for."""

    def __init__(self, seed: int, users: int) -> None:
        self._seed = seed
        self._users: dict[int, User] = {}
        self._weights = list(accumulate((n + 1) ** -ZIPF for n in range(users)))
        self.size = users
        self.targets: set[int] = set()  # users under attack pay nothing else from then on

    def user(self, number: int) -> User:
        """The user of that number."""
        found = self._users.get(number)
        if found is None:
            found = self._users[number] = self._make(number)
        return found

    def active(self, rng: Random) -> int:
        """The number of a user, the active ones more often."""
        return bisect(self._weights, rng.random() * self._weights[-1], hi=self.size - 1)

    def target(self, rng: Random) -> User:
        """A user to attack, whom nobody else attacks; where all are taken, anyone."""
        for _ in range(20):
            number = rng.randrange(self.size)
            if number not in self.targets:
                break
        self.targets.add(number)
        return self.user(number)

    def _make(self, number: int) -> User:
        rng = Random(f"{self._seed}:{number}")
        home = rng.choice(PLACES)
        household = Random(f"{self._seed}:house:{number // 2}")
        return User(
            f"u{rng.getrandbits(40):010x}",
            home,
            round(home.lat + rng.gauss(0, 0.08), 5),
            round(home.lon + rng.gauss(0, 0.08), 5),
            tuple(device(rng) for _ in range(rng.choice((1, 1, 2, 3)))),
            (address(household), address(rng)),
            tuple(rng.randrange(MERCHANTS) for _ in range(rng.randint(6, 12))),
            token(rng),
            rng.choice(BANKS),
            math.log(3_000 * home.scale) + rng.gauss(0, 0.5),
            (7 - round(home.lon / 15)) % 24,
        )


def device(rng: Random) -> str:
    """A device's id."""
    return f"d{rng.getrandbits(48):012x}"


def token(rng: Random) -> str:
    """A card's token."""
    return f"tok_{rng.getrandbits(64):016x}"


def address(rng: Random) -> str:
    """A public IPv4 address, or now and then an IPv6 one."""
    if rng.random() < 0.1:
        return f"2a0{rng.randrange(1, 16):x}:{rng.getrandbits(16) or 1:x}::{rng.getrandbits(16):x}"
    low = rng.randrange(2**24)
    return f"{rng.randrange(11, 126)}.{low >> 16}.{low >> 8 & 255}.{low & 255}"


def merchant(number: int) -> tuple[str, str]:
    """The id and the category of a merchant."""
    return f"m{number:05d}", CATEGORIES[number % 97 % len(CATEGORIES)]
