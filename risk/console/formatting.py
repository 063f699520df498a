"""How numbers, money and times are shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from risk.engine.payment.currencies import DEFAULT_EXPONENT, EXPONENTS

MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400


def money(minor: int, currency: str) -> str:
    """An amount in minor units with its currency, by the exponents of ISO 4217: `EUR 1,234.50`."""
    exponent = EXPONENTS.get(currency, DEFAULT_EXPONENT)
    if not exponent:
        return f"{currency} {minor:,}"
    major, rest = divmod(abs(minor), 10**exponent)
    return f"{currency} {'-' if minor < 0 else ''}{major:,}.{rest:0{exponent}d}"


def count(number: int) -> str:
    """A whole number with commas."""
    return f"{number:,}"


def rate(per_s: float) -> str:
    """A rate with as many digits as say something."""
    return f"{per_s:,.0f}" if per_s >= 100 else f"{per_s:.1f}" if per_s >= 1 else f"{per_s:.2f}"


def percent(part: int, whole: int) -> str:
    """A share; a dash where there is nothing to be a share of."""
    return f"{100 * part / whole:.1f}%" if whole > 0 else "–"


def lasting(seconds: float) -> str:
    """How long, whatever its sign, in the largest unit of which there are two or more."""
    whole = abs(int(seconds))
    if whole < 2 * MINUTE_S:
        return f"{whole} s"
    if whole < 2 * HOUR_S:
        return f"{whole // MINUTE_S} min"
    return f"{whole // HOUR_S} h" if whole < 2 * DAY_S else f"{whole // DAY_S} d"


def words(name: str) -> str:
    """A rule's name as words: `card_testing` is `card testing`."""
    return name.replace("_", " ")


def moment(value: int | datetime) -> datetime:
    """A time in UTC, out of ms since 1970 or of a time with a zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromtimestamp(value / 1_000, UTC)


def iso(value: int | datetime) -> str:
    """A time for machines, to the ms."""
    return moment(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clock(value: int | datetime) -> str:
    """A time of day, in UTC."""
    return moment(value).strftime("%H:%M:%S")


def date(value: int | datetime) -> str:
    """A date and time, in UTC."""
    return moment(value).strftime("%Y-%m-%d %H:%M:%S")
