"""Lengths and moments of time, as people write them. Pure: none of them is relative to now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_UNITS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_LENGTH = re.compile(r"(\d{1,9})([smhdw])")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def length(text: str) -> int | None:
    """`24h` and the like in ms; None if it is none."""
    found = _LENGTH.fullmatch(text)
    return int(found[1]) * _UNITS[found[2]] if found else None


def moment(text: str, end: bool = False) -> int | None:
    """An ISO 8601 day or moment in ms UTC; None if it is none.

    Without an offset it is UTC. A day is its beginning, or with `end` the one of the next day.
    """
    try:
        found = datetime.fromisoformat(text)
        if _DAY.fullmatch(text) and end:
            found += timedelta(days=1)
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        return (found - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        return None


def shown(ms: int) -> str:
    """Ms UTC as `2025-03-01 12:00:00.000`."""
    return (_EPOCH + timedelta(milliseconds=ms)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
