"""Lengths and moments of time, as people write them. Pure: none of them is relative to now."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

_UNITS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_LENGTH = re.compile(r"(\d{1,9})([smhdw])")
DAY_DIGITS: Final = 8
MOST_DIGITS: Final = 15  # the year 9999 has as many
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
        if end and _is_day(text):
            found += timedelta(days=1)
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        return (found - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        return None


def instant(text: str, end: bool = False) -> int | None:
    """The same, or a number of 9 to 14 digits, which is ms UTC already: a day in digits has 8."""
    if text.isascii() and text.isdecimal() and len(text) != DAY_DIGITS:
        return int(text) if DAY_DIGITS < len(text) < MOST_DIGITS else None
    return moment(text, end)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def shown(ms: int) -> str:
    """Ms UTC as `2025-03-01 12:00:00.000`."""
    return (_EPOCH + timedelta(milliseconds=ms)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
