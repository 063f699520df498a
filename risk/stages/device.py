"""The device stage: adds what the device's session says."""

from __future__ import annotations

from collections.abc import Sequence

from risk.features.catalogue import MINUTE, SESSION_GAP
from risk.features.cursor import Entry
from risk.features.device.session import Session
from risk.features.shape import Shape, Values
from risk.stages.base import Fix, Item
from risk.stages.keyed import KeyedStage, names_of


class DeviceStage(KeyedStage):
    """Keyed by device_id."""

    names = names_of("device")
    shape = Shape(Session)
    keep_ms = 0
    rest_in_batches = True
    rest_ms = SESSION_GAP + 10 * MINUTE  # past the gap, for events ahead of the frontier

    def keys(self, items: Sequence[Item]) -> list[str]:
        """The devices."""
        return [item.txn.device_id for item in items]

    def entries(self, items: Sequence[Item]) -> list[Entry]:
        """(event_time, event_id, user_id, ip) of each."""
        return [
            (txn.event_time, txn.event_id, txn.user_id, txn.ip)
            for txn in [item.txn for item in items]
        ]

    def fix(self, key: str, entry: Entry, features: Values) -> Fix:
        """The correction for one of the device's events."""
        return Fix(entry[2], entry[1], entry[0], entry[3], key, {})
