"""The world that payments happen in: places, merchants, banks, and users with their habits."""

from __future__ import annotations

import math
from functools import lru_cache
from hashlib import shake_128
from heapq import heappop, heappush
from random import Random
from statistics import NormalDist
from struct import Struct
from typing import NamedTuple

from risk.engine.payment.transaction import Channel


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
KEPT = 100_000  # users in memory; the others are made again when they pay again
TARGETS = 0.25  # of all users, at most, are under attack at a time
HELD_MS = 1_260_000  # the longest episode and the longest window after it, and some more
TRIES = 60  # for somebody of a place
NEAR = 512  # of each place, so many of those who paid lately
DEVICES = (1, 1, 2, 3)
CHANNELS: tuple[Channel, ...] = ("pos", "web", "app", "atm")

_NORMAL = NormalDist()
_HOUSE = Struct("<IIIQ")  # place, two parts of the position, address
_OWN = Struct(
    "<QQQIIIQQQII"
)  # id, card, address, wealth, bank, shops; three devices; two for shops


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


class Near:
    """The numbers of users of one place, each once; the oldest make room for others."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.known: set[int] = set()
        self._at = 0

    def add(self, number: int) -> None:
        """Add one who isn't known."""
        self.known.add(number)
        if len(self.numbers) < NEAR:
            self.numbers.append(number)
            return
        self.known.remove(self.numbers[self._at])
        self.numbers[self._at] = number
        self._at = (self._at + 1) % NEAR


class World:
    """All users and merchants. A user is a pure function of the seed and their number."""

    def __init__(self, seed: int, users: int) -> None:
        self._seed = seed
        self._ends: list[tuple[float, int]] = []  # of `held`, the soonest first
        self.size = users
        self.user = lru_cache(KEPT)(self._make)
        self.held: dict[int, float] = {}  # users under attack: until then they pay nothing else
        self.now = 0.0  # ms, how far honest traffic has come
        self.time = 0  # ms UTC, the event time of that
        self.begin = 0.0  # ms, when the episode that is being made begins
        self._near = {place.name: Near() for place in PLACES}

    def active(self, rng: Random) -> int:
        """The number of a user, the active ones more often."""
        return int(self.size * rng.random() ** (1 / (1 - ZIPF)))

    def target(self, rng: Random) -> User:
        """A user who isn't under attack; if many are, the one who has been for the longest."""
        return self.user(self._take(rng, self.begin + HELD_MS))

    def away(self, rng: Random, ms: float) -> int:
        """The number of such a user, who from now on pays nothing else for so long."""
        return self._take(rng, self.now + ms)

    def hold(self, number: int, until: float) -> None:
        """This user pays nothing else until then, if that is later than what was said before."""
        if until > self.held.get(number, until):
            self.held[number] = until
            heappush(self._ends, (until, number))

    def seen(self, number: int, place: Place) -> None:
        """This user has just paid at home."""
        near = self._near[place.name]
        if number not in near.known:
            near.add(number)

    def neighbour(self, place: Place, rng: Random) -> User:
        """Somebody who lives there and isn't under attack, or if nobody is found, who doesn't."""
        return self.user(self.resident(place, rng))

    def resident(self, place: Place, rng: Random) -> int:
        """The number of such a user."""
        near = self._near[place.name].numbers
        for _ in range(TRIES):
            number = near[rng.randrange(len(near))] if near else rng.randrange(self.size)
            if number not in self.held and self.user(number).home is place:
                break
        return number

    def _take(self, rng: Random, until: float) -> int:
        while self._ends and self._ends[0][0] <= self.now:
            end, number = heappop(self._ends)
            if self.held.get(number) == end:
                del self.held[number]
        number = rng.randrange(self.size)
        if len(self.held) + 1 > self.size * TARGETS:
            if not self.held:
                return number
            number = next(iter(self.held))
            del self.held[number]
        while number in self.held:
            number = rng.randrange(self.size)
        self.held[number] = until
        heappush(self._ends, (until, number))
        return number

    def _make(self, number: int) -> User:
        """The habits come out of a hash, which is many times faster than seeding a generator."""
        place, north, east, shared = _HOUSE.unpack(self._hash(b"house", number // 2, _HOUSE.size))
        own = _OWN.unpack(self._hash(b"user", number, _OWN.size))
        name, card, alone, rich, source, shops, *devices, start, step = own
        home = PLACES[place % len(PLACES)]
        return User(
            f"u{name & 2**40 - 1:010x}",
            home,
            round(home.lat + 0.08 * _gauss(north), 5),
            round(home.lon + 0.08 * _gauss(east), 5),
            tuple(f"d{d & 2**48 - 1:012x}" for d in devices[: DEVICES[name >> 40 & 3]]),
            (_address(shared), _address(alone)),
            # Shops lie along a walk through all of them: any step that shares no factor will do.
            tuple((start + n * (10 * (step % 499) + 1)) % MERCHANTS for n in range(6 + shops % 7)),
            f"tok_{card:024x}",
            BANKS[source % len(BANKS)],
            math.log(3_000 * home.scale) + 0.5 * _gauss(rich),
            (7 - round(home.lon / 15)) % 24,
        )

    def _hash(self, purpose: bytes, number: int, size: int) -> bytes:
        return shake_128(b"%s:%d:%d" % (purpose, self._seed, number)).digest(size)


def device(rng: Random) -> str:
    """A device's id."""
    return f"d{rng.getrandbits(48):012x}"


def token(rng: Random) -> str:
    """A card's token."""
    return f"tok_{rng.getrandbits(64):024x}"


def address(rng: Random) -> str:
    """A public IPv4 address, or now and then an IPv6 one."""
    return _address(rng.getrandbits(64))


def _address(bits: int) -> str:
    low = bits >> 32
    if bits % 10 == 0:
        return f"2a0{low % 15 + 1:x}:{low >> 4 & 65535 or 1:x}::{low >> 20 or 1:x}"
    return f"{bits % 115 + 11}.{low & 255}.{low >> 8 & 255}.{low >> 16 & 255}"


def _gauss(bits: int) -> float:
    """32 random bits as a normally distributed number."""
    return _NORMAL.inv_cdf((bits + 0.5) / 2**32)


def merchant(number: int) -> tuple[str, str]:
    """The id and the category of a merchant."""
    return f"m{number:05d}", CATEGORIES[number % 97 % len(CATEGORIES)]


def merchant_of(category: str, rng: Random) -> str:
    """The id of some merchant of a category, one of `CATEGORIES`."""
    within = CATEGORIES.index(category) + 10 * rng.randrange(9)
    return f"m{97 * rng.randrange(MERCHANTS // 97) + within:05d}"
