"""What is remembered of an event, once for all that look at it."""

from __future__ import annotations

from operator import attrgetter

import msgspec

Position = tuple[int, str, str]  # event time, event_id, user_id: what entries are ordered by


class Entry(msgspec.Struct, gc=False, order=True, frozen=True):
    """An event as a key's other events see it. Entries sort by event time, ties by event_id
    and then by user_id.

    A struct that the collector doesn't know, and one for all stages: reaching for an object that is
    in no cache costs more than what is done with it. From `amount` on only the user's own events
    look at it; `rest` is a checksum of what else was sent.
    """

    time: int
    event_id: str
    user_id: str
    ip: str
    device_id: str
    amount: int = 0
    currency: str = ""
    merchant_id: str = ""
    country: str = ""
    lat: float | None = None
    lon: float | None = None
    rest: int = 0

    @property
    def position(self) -> Position:
        """Where it belongs among others."""
        return self.time, self.event_id, self.user_id


time_of = attrgetter("time")
position_of = attrgetter("time", "event_id", "user_id")
