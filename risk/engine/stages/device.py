"""The device stage: adds what the device's session says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from risk.engine.features.built_in import DEVICE_CODE
from risk.engine.features.catalogue import DEVICE, names_of
from risk.engine.features.declared.keycode import KeyCode
from risk.engine.features.entry import Entry
from risk.engine.stages.base import Store
from risk.engine.stages.built_in import BuiltInStage
from risk.engine.stages.former import Parts, session_now


class DeviceStage(BuiltInStage):
    """Keyed by device_id."""

    names = names_of(DEVICE)
    former_fold = "session"

    def __init__(self, store: Store, code: KeyCode = DEVICE_CODE) -> None:
        super().__init__(store, code)

    def former_entry(self, key: str, row: Sequence[Any]) -> tuple[str, Entry]:
        """As it was."""
        time, event_id, user_id, ip = row
        own = {"time": time, "event_id": event_id, "user_id": user_id, "ip": ip}
        return key, self.restored({"device_id": key, **own})

    def former_parts(self, fold: Parts) -> Parts:
        """A session's."""
        return session_now(fold)
