"""The ip stage: adds what the events from the same address say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from risk.engine.features.catalogue import IP, IP_WINDOW, names_of
from risk.engine.features.entry import Entry
from risk.engine.features.ip.velocity import Velocity
from risk.engine.features.shape import Shape
from risk.engine.payment.addresses import canonical
from risk.engine.payment.addresses import key as counted_under
from risk.engine.stages.base import Item
from risk.engine.stages.keyed import KeyedStage


class IpStage(KeyedStage):
    """Keyed by ip; all of a /64 of IPv6 are one."""

    names = names_of(IP)
    shape = Shape(sliding=Velocity, window=IP_WINDOW)
    keep_ms = IP_WINDOW
    retention_ms = 0

    def keys(self, items: Sequence[Item]) -> list[str]:
        """The addresses, or the networks that they are counted under; "" of a payment without."""
        return [counted_under(item.entry.ip if item.entry else item.txn.ip) for item in items]

    def key_now(self, key: str) -> str:
        """State of earlier code has addresses of IPv6 as they were sent."""
        try:
            return counted_under(canonical(key))
        except ValueError:  # with a zone, which was taken once
            return key

    def rows(self, found: Sequence[tuple[str, Entry]]) -> list[tuple[str, tuple[Any, ...]]]:
        """(event_time, event_id, user_id, device_id) of each."""
        return [
            (key, (entry.time, entry.event_id, entry.user_id, entry.device_id))
            for key, entry in found
        ]

    def restored(self, key: str, row: Sequence[Any]) -> Entry:
        """With what this stage and corrections need."""
        time, event_id, user_id, device_id = row
        return Entry(time, event_id, user_id, key, device_id)
