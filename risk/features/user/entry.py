"""What is remembered of a user's event."""

from __future__ import annotations

from typing import NamedTuple


class UserEntry(NamedTuple):
    """Sorts by event time, then event_id. `check` tells payloads apart."""

    time: int
    event_id: str
    ip: str
    amount: int
    currency: str
    merchant_id: str
    device_id: str
    country: str
    lat: float | None
    lon: float | None
    check: int
