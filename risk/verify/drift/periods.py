"""Spans of event time: what is compared with what, and the days or hours of one."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from risk.config.settings import Scoring
from risk.config.types import DAY_MS

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
REFERENCE_DAYS: Final = 7  # a week has each of its days once
MOST_BUCKETS: Final = 72

By = Literal["day", "hour"]
LENGTHS: Final[dict[By, int]] = {"day": DAY_MS, "hour": HOUR_MS}


class Period(NamedTuple):
    """From `begin` on, up to `end`, which is not in it; ms UTC."""

    begin: int
    end: int


def settled(now: int, scoring: Scoring) -> int:
    """The whole minute up to which payments have their final features, if partitions flow."""
    return (now - scoring.lateness_ms - scoring.hold_ms) // MINUTE_MS * MINUTE_MS


def week_before(begin: int) -> Period:
    """The seven days that end there."""
    return Period(max(0, begin - REFERENCE_DAYS * DAY_MS), begin)


def parts(period: Period, by: By) -> list[Period]:
    """The UTC days or hours of a period; the first and the last may be cut off by its ends."""
    length = LENGTHS[by]
    first = period.begin // length * length
    return [
        Period(max(at, period.begin), min(at + length, period.end))
        for at in range(first, period.end, length)
    ]
