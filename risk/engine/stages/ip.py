"""The ip stage: adds what the events from the same address say."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from risk.engine.features.built_in import IP_CODE
from risk.engine.features.catalogue import IP, names_of
from risk.engine.features.declared.keycode import KeyCode
from risk.engine.features.entry import Entry
from risk.engine.payment.addresses import canonical
from risk.engine.payment.addresses import key as counted_under
from risk.engine.stages.base import Store
from risk.engine.stages.built_in import BuiltInStage


class IpStage(BuiltInStage):
    """Keyed by ip; all of a /64 of IPv6 are one."""

    names = names_of(IP)

    def __init__(self, store: Store, code: KeyCode = IP_CODE) -> None:
        super().__init__(store, code)

    def former_entry(self, key: str, row: Sequence[Any]) -> tuple[str, Entry]:
        """Its key may be an address of IPv6 as it was sent."""
        time, event_id, user_id, device_id = row
        with suppress(ValueError):  # with a zone, which was taken once
            key = counted_under(canonical(key))
        own = {"time": time, "event_id": event_id, "user_id": user_id, "device_id": device_id}
        return key, self.restored({"ip": key, **own})
