"""What is remembered of an event, once for all that look at it."""

from __future__ import annotations

from operator import attrgetter

import msgspec

from risk.event import Transaction

Position = tuple[int, str]  # event time, event_id: what entries are ordered by


class Entry(msgspec.Struct, gc=False, order=True, frozen=True):
    """An event as a key's other events see it. Entries sort by event time, ties by event_id.

    A struct that the collector doesn't know, and one for all stages: reaching for an object that is
    in no cache costs more than what is done with it. `rest` is a checksum of what else was sent.
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

    @staticmethod
    def of(txn: Transaction) -> Entry:
        """The entry of a transaction, without `rest`: only who compares duplicates needs it."""
        return Entry(
            txn.event_time,
            txn.event_id,
            txn.user_id,
            txn.ip,
            txn.device_id,
            txn.amount,
            txn.currency,
            txn.merchant_id,
            txn.country,
            txn.lat,
            txn.lon,
        )

    @property
    def position(self) -> Position:
        """Where it belongs among others."""
        return self.time, self.event_id


time_of = attrgetter("time")
position_of = attrgetter("time", "event_id")
