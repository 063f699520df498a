"""How the cost of an event grows with the number of keys and with what a hot key's windows hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from bench.stages import measure
from bench.stream import WARM_S, raws, stream
from risk.event import Rejected, decode, encode
from risk.rules import Ruleset
from risk.settings import Scoring
from risk.stages.base import Raw

Hot = Literal["user_id", "ip", "device_id"]
HOT: tuple[Hot, ...] = ("user_id", "ip", "device_id")
WINDOW_S: dict[Hot, int] = {"user_id": 300, "ip": 120, "device_id": 120}
KEY_FACTORS = (1, 10, 100)
WINDOW_FACTORS = (1, 4, 16)
PAUSE_S = 100  # an ordinary user pays once in so many seconds


class Cost(msgspec.Struct, frozen=True):
    """CPU microseconds per event, and the same over that of factor 1."""

    factor: int
    size: int
    us_per_event: float
    ratio: float


class Growth(msgspec.Struct, frozen=True):
    """`keys`: by number of users, as active as ever, so that windows are as full. `hot`: all
    events have one key; `size` is how many of them its window holds."""

    keys: list[Cost]
    hot: dict[str, list[Cost]]


def growth(
    ruleset: Ruleset,
    scoring: Scoring,
    *,
    users: int,
    population: int,
    events: int,
    batch: int,
    partitions: int,
) -> Growth:
    """Costs from `users` users, and from `population` events in a hot key's window, upwards."""
    asked: dict[str, Any] = {"events": events, "batch": batch, "partitions": partitions}
    keys = [
        (factor, factor * users, _cost(ruleset, scoring, factor * users / PAUSE_S, None, **asked))
        for factor in KEY_FACTORS
    ]
    hot = {
        field: [
            (
                factor,
                factor * population,
                _cost(ruleset, scoring, factor * population / WINDOW_S[field], field, **asked),
            )
            for factor in WINDOW_FACTORS
        ]
        for field in HOT
    }
    return Growth(_ratios(keys), {field: _ratios(found) for field, found in hot.items()})


def heated(source: Iterator[Raw], field: Hot) -> Iterator[Raw]:
    """The records, those that can be read all with one value in the field."""
    for raw in source:
        try:
            txn = decode(raw.value, raw.key)
        except Rejected:
            yield raw
            continue
        txn = msgspec.structs.replace(txn, **{field: "10.0.0.1"})
        partition = 0 if field == "user_id" else raw.partition
        yield Raw(partition, raw.offset, raw.append_time, txn.user_id.encode(), encode(txn))


def _cost(
    ruleset: Ruleset,
    scoring: Scoring,
    rate: float,
    hot: Hot | None,
    *,
    events: int,
    batch: int,
    partitions: int,
) -> float:
    if hot == "user_id":
        partitions = 1
    users = None if hot else round(rate * PAUSE_S)
    # Attacks would use up a small number of users.
    source = raws(stream(rate, WARM_S + events / rate, users, "none"), partitions)
    return measure(
        ruleset,
        scoring,
        heated(source, hot) if hot else source,
        warm_events=round(WARM_S * rate),
        batch=batch,
        partitions=partitions,
    ).total_us


def _ratios(found: list[tuple[int, int, float]]) -> list[Cost]:
    base = found[0][2]
    return [Cost(factor, size, us, round(us / base, 3)) for factor, size, us in found]
