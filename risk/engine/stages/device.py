"""The device stage: adds what the device's session says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from risk.engine.features.catalogue import DEVICE, MINUTE, SESSION_GAP, names_of
from risk.engine.features.device.session import PARTS, Session
from risk.engine.features.entry import Entry
from risk.engine.features.shape import Shape
from risk.engine.stages.base import Item
from risk.engine.stages.keyed import KeyedStage


class DeviceStage(KeyedStage):
    """Keyed by device_id."""

    names = names_of(DEVICE)
    shape = Shape(Session)
    fold, parts = "session", PARTS
    # Longer than corrections need: most devices pay again by then, and needn't be opened anew.
    keep_ms = 6 * MINUTE
    retained_in_batches = True
    retention_ms = SESSION_GAP + 10 * MINUTE  # past the gap, for events ahead of the frontier

    def keys(self, items: Sequence[Item]) -> list[str]:
        """The devices; "" of a payment without one."""
        return [item.entry.device_id if item.entry else item.txn.device_id for item in items]

    def rows(self, found: Sequence[tuple[str, Entry]]) -> list[tuple[str, tuple[Any, ...]]]:
        """(event_time, event_id, user_id, ip) of each."""
        return [
            (key, (entry.time, entry.event_id, entry.user_id, entry.ip)) for key, entry in found
        ]

    def restored(self, key: str, row: Sequence[Any]) -> Entry:
        """With what this stage and corrections need."""
        time, event_id, user_id, ip = row
        return Entry(time, event_id, user_id, ip, key)
