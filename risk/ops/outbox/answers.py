"""What an answer means, and when to try again. Pure: chance and time are passed in."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

FIRST_S: Final = 5.0
LONGEST_S: Final = 3_600.0
MOST_S: Final = 86_400.0
# Of the answers that say the request is wrong those that may be another the next time.
_PASSING: Final = frozenset((408, 409, 425, 429))


class Verdict(NamedTuple):
    """sent, again or dead; why, and the seconds that the destination asked to wait for."""

    what: str
    error: str = ""
    wait_s: float | None = None


def judged(status: int, retry_after: str | None, now: datetime) -> Verdict:
    """What an answer with this status means."""
    if 200 <= status < 300:
        return Verdict("sent")
    error = f"HTTP {status}"
    if status >= 500 or status in _PASSING:
        return Verdict("again", error, asked(retry_after, now))
    return Verdict("dead", error)


def asked(retry_after: str | None, now: datetime) -> float | None:
    """Retry-After in seconds, a day at most; None if it says nothing that can be understood."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:9]), MOST_S)
    try:
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(0.0, (moment - now).total_seconds()), MOST_S)
    except (ValueError, OverflowError):  # of a year that there isn't
        return None


def pause_s(attempts: int, chance: float, wait_s: float | None) -> float:
    """Seconds until the next try after so many; `chance` from 0 to 1 spreads them.

    It doubles up to an hour, and is never shorter than what the destination asked for.
    """
    step = min(FIRST_S * 2.0 ** min(attempts - 1, 20), LONGEST_S)
    return max(step * (0.5 + chance / 2), wait_s or 0.0)
