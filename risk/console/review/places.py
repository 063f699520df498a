"""Where the payments of a case were made, on the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from risk.console.live.projection import place
from risk.console.masking import BY_DEFAULT
from risk.engine.privacy import Masks
from risk.registry.cases.records import CaseAlert

MOST: Final = 30
RADIUS: Final = 6.0


class Spot(NamedTuple):
    """A place, the latest first: `number` counts from 1, x and y are the map's."""

    number: int
    x: float
    y: float
    blocked: bool
    country: str
    time: int


def of(alerts: Sequence[CaseAlert], by: Masks = BY_DEFAULT) -> list[Spot]:
    """The latest places that alerts have, as they may be seen, each once to a degree."""
    found: dict[tuple[int, int], Spot] = {}
    for one in alerts:
        lat, lon = (by.of_degrees(one.payment.get(name)) for name in ("lat", "lon"))
        if lat is None or lon is None or len(found) >= MOST:
            continue
        x, y = place(lat, lon)
        spot = Spot(
            len(found) + 1,
            round(x, 1),
            round(y, 1),
            one.decision == "BLOCK",
            one.country,
            one.event_time,
        )
        found.setdefault((round(lat), round(lon)), spot)
    return [*found.values()]
