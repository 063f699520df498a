"""A user's payments as a strip: time from left to right, scores from below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sinks.postgres.timeline import Past

WIDTH: Final = 800
HEIGHT: Final = 60
_EDGE: Final = 10


class Dot(NamedTuple):
    """A payment: where it stands, and whether it is the one that is looked at."""

    x: float
    y: float
    one: Past
    is_here: bool


def strip(payments: Sequence[Past], here: int) -> list[Dot]:
    """Payments in the order of time, evenly: a burst within a month would be one point."""
    ordered = sorted(payments, key=lambda one: (one.event_time, one.event_id))
    room = (WIDTH - 2 * _EDGE) / max(1, len(ordered) - 1)
    return [
        Dot(
            round(_EDGE + n * room if len(ordered) > 1 else WIDTH / 2, 1),
            round(HEIGHT - 6 - (HEIGHT - 12) * one.score / 100, 1),
            one,
            one.event_time == here,
        )
        for n, one in enumerate(ordered)
    ]
