"""The hour and the day of an event time, by integer arithmetic, in UTC."""

from __future__ import annotations

from risk.engine.features.catalogue import DAY, HOUR


def hour_utc(event_time: int) -> int:
    """The hour of the day, 0..23, of a time in ms UTC."""
    return event_time // HOUR % 24


def weekday_utc(event_time: int) -> int:
    """The day of the week, 1 (Monday) to 7 (Sunday); 1 January 1970 was a Thursday."""
    return (event_time // DAY + 3) % 7 + 1
