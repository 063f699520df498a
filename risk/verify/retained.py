"""What a store may lack, as it is past the store's retention."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.oracle import Expected
from risk.registry import retention
from risk.registry.session import session
from sinks.stored import Stored


def limits(settings: Settings) -> dict[str, int]:
    """Of each store the event time up to which rows were removed; none where Postgres is away."""
    try:
        with session(settings) as cursor:
            return retention.limits(cursor)
    except Unavailable:
        return {}


def without(want: Expected, upto: int) -> Expected:
    """What a store has to have: of what is before the limit nobody knows whether it is there."""
    scores = {k: v for k, v in want.scores.items() if k[2] >= upto}
    late = {k: v for k, v in want.late_scores.items() if k[2] >= upto}
    return msgspec.structs.replace(want, scores=scores, late_scores=late)


def since(rows: Iterable[Stored], upto: int) -> list[Stored]:
    """Those that are compared. What a rebuild has brought back stays until the next time."""
    return [row for row in rows if row.event_time >= upto]
