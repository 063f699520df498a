"""The ip stage: adds what the events from the same address say."""

from __future__ import annotations

from collections.abc import Sequence

from risk.features.catalogue import IP_WINDOW
from risk.features.cursor import Entry
from risk.features.ip.velocity import Velocity
from risk.features.shape import Shape, Values
from risk.stages.base import Fix, Item
from risk.stages.keyed import KeyedStage, names_of


class IpStage(KeyedStage):
    """Keyed by ip."""

    names = names_of("ip")
    shape = Shape(sliding=Velocity, window=IP_WINDOW)
    keep_ms = IP_WINDOW
    rest_ms = 0

    def keys(self, items: Sequence[Item]) -> list[str]:
        """The addresses, as they were sent."""
        return [item.txn.ip for item in items]

    def entries(self, items: Sequence[Item]) -> list[Entry]:
        """(event_time, event_id, user_id, device_id) of each."""
        return [
            (txn.event_time, txn.event_id, txn.user_id, txn.device_id)
            for txn in [item.txn for item in items]
        ]

    def fix(self, key: str, entry: Entry, features: Values) -> Fix:
        """The correction for one of the address's events."""
        return Fix(entry[2], entry[1], entry[0], key, entry[3], {})
