"""The device stage: adds what the device's session says."""

from __future__ import annotations

from risk.features.catalogue import MINUTE, SESSION_GAP
from risk.features.cursor import Entry
from risk.features.device.session import Session
from risk.features.timeline import Shape, Values
from risk.stages.base import Fix, Item
from risk.stages.keyed import KeyedStage, names_of


class DeviceStage(KeyedStage):
    """Keyed by device_id."""

    names = names_of("device")
    shape = Shape(Session)
    keep_ms = 0
    rest_in_batches = True
    rest_ms = SESSION_GAP + 10 * MINUTE  # past the gap, for events ahead of the frontier

    def key(self, item: Item) -> str:
        """The device."""
        return item.txn.device_id

    def entry(self, item: Item) -> Entry:
        """(event_time, event_id, user_id, ip)."""
        txn = item.txn
        return txn.event_time, txn.event_id, txn.user_id, txn.ip

    def fix(self, key: str, entry: Entry, features: Values) -> Fix:
        """The correction for one of the device's events."""
        return Fix(entry[2], entry[1], entry[0], entry[3], key, {})
