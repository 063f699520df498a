"""Which features of a payment look back beyond what a run has read: by the first moment of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from risk.config.settings import Scoring
from risk.engine.rules import Ruleset
from risk.engine.rules.declaration import Declaration

MINUTE: Final = 60_000
DAY: Final = 86_400_000


def since(
    moment: int | None, ruleset: Ruleset, scoring: Scoring, event_time: int
) -> dict[str, int] | None:
    """What its score has to say: those that look at anything before `moment`, from when on all
    payments were read; None if it has to say nothing. All times in ms UTC.
    """
    if moment is None:
        return None
    memory = scoring.feedback_memory_ms
    short = [name for name, first in _catalogue(event_time) if first < moment]
    for one in ruleset.features:
        # What became of a payment is counted when it is known, up to so long after the payment.
        first = _first(one, event_time) - (memory if one.of_verdicts else 0)
        if first < moment:
            short.append(one.name)
    return dict.fromkeys(short, moment) or None


def _catalogue(time: int) -> Iterator[tuple[str, int]]:
    """Each feature of the catalogue, and the first moment that it looks at."""
    for name in ("count", "amount", "merchants", "micro", "round"):
        yield f"user_{name}_5m", time - 5 * MINUTE + 1
    for name in ("distance_km", "speed_kmh", "new_device", "new_country"):
        yield f"user_{name}", time - 30 * DAY + 1
    for name in ("history_count", "amount_ratio"):
        yield f"user_{name}", time - time % DAY - 29 * DAY
    for name in ("count", "users"):
        yield f"ip_{name}_2m", time - 2 * MINUTE + 1
    for name in ("ms", "events", "users"):
        yield f"device_session_{name}", time - DAY + 1


def _first(one: Declaration, time: int) -> int:
    if one.session:  # it has no end that is known: a day, or what may be between two payments
        return time - max(one.session, DAY) + 1
    if one.step:
        return time - time % one.step - (one.window - one.step)
    return time - one.window + 1
