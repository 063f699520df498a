"""What the latest alerts come to: rates, bars, the rules, users and addresses seen most."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from risk.console.live.entry import Entry
from risk.console.live.projection import place

WINDOW_MS: Final = 300_000
RATE_MS: Final = 60_000
BAR_MS: Final = 5_000
BARS: Final = WINDOW_MS // BAR_MS
TOP: Final = 6
POINTS: Final = 150
HEATS: Final = 4  # shades of a country


class Bar(NamedTuple):
    """Alerts within 5 s."""

    review: int
    block: int


class Top(NamedTuple):
    """A value with its alerts. `share` of the most frequent one's, 0 to 100."""

    value: str
    alerts: int
    score: int  # the highest
    share: int


class Country(NamedTuple):
    """A country by its code. `heat` is from 1 to `HEATS`, by its share of the most flagged one."""

    code: str
    alerts: int
    heat: int


class Point(NamedTuple):
    """Alerts about one place: where on the map, its radius, and whether one was blocked."""

    x: float
    y: float
    radius: float
    alerts: int
    blocked: bool


class Summary(NamedTuple):
    """Of the last five minutes; `per_s` of the last one. `covers_ms` is less if not all is kept."""

    total: int
    review: int
    block: int
    per_s: float
    last_minute: int
    covers_ms: int
    bars: Sequence[Bar]
    rules: Sequence[Top]
    users: Sequence[Top]
    addresses: Sequence[Top]
    countries: Sequence[Country]
    points: Sequence[Point]


def summarise(newest: Iterable[Entry], now: int, full_since: int = 0) -> Summary:
    """The summary at `now` (ms UTC) of entries, newest first.

    `full_since` (ms UTC) is from when on all alerts are kept. A clock ahead counts as now.
    """
    review, block = [0] * BARS, [0] * BARS
    rules, users, addresses, countries = _Tops(), _Tops(), _Tops(), Counter[str]()
    cells: dict[tuple[int, int], list[Entry]] = {}
    last_minute = 0
    for entry in newest:
        alert = entry.alert
        age = max(0, now - alert.raised_at)
        if age >= WINDOW_MS:
            continue
        last_minute += age < RATE_MS
        bar = BARS - 1 - age // BAR_MS
        (block if alert.decision == "BLOCK" else review)[bar] += 1
        for reason in alert.reasons:
            rules.add(reason.rule, alert.score)
        users.add(alert.user_id, alert.score)
        txn = alert.transaction
        if txn.ip:
            addresses.add(txn.ip, alert.score)
        if txn.country:
            countries[txn.country] += 1
        if txn.lat is not None and txn.lon is not None:
            cells.setdefault((round(txn.lat), round(txn.lon)), []).append(entry)
    reviews, blocks = sum(review), sum(block)
    return Summary(
        reviews + blocks, reviews, blocks, last_minute * 1_000 / RATE_MS, last_minute,
        min(WINDOW_MS, max(0, now - full_since)), [*map(Bar, review, block)],
        rules.most(), users.most(), addresses.most(), _countries(countries), _points(cells),
    )  # fmt: skip


class _Tops:
    """Counts by value, with the highest score of each."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._scores: dict[str, int] = {}

    def add(self, value: str, score: int) -> None:
        self._counts[value] += 1
        self._scores[value] = max(score, self._scores.get(value, 0))

    def most(self) -> list[Top]:
        found = sorted(self._counts.items(), key=lambda one: (-one[1], one[0]))[:TOP]
        return [
            Top(value, count, self._scores[value], max(1, round(100 * count / found[0][1])))
            for value, count in found
        ]


def _countries(counts: Counter[str]) -> list[Country]:
    most = max(counts.values(), default=1)
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [Country(code, n, max(1, math.ceil(HEATS * n / most))) for code, n in ordered]


def _points(cells: dict[tuple[int, int], list[Entry]]) -> list[Point]:
    largest = sorted(cells.items(), key=lambda one: -len(one[1]))[:POINTS]
    found = []
    for (lat, lon), entries in largest:
        x, y = place(lat, lon)
        blocked = any(one.alert.decision == "BLOCK" for one in entries)
        radius = min(14.0, 2.5 + 1.5 * math.sqrt(len(entries)))
        found.append(Point(round(x, 1), round(y, 1), round(radius, 1), len(entries), blocked))
    return found
