"""The user stage: drops duplicates, adds what the user's own events say."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final
from zlib import crc32

import msgspec

from risk.engine.features.built_in import USER_CODE
from risk.engine.features.catalogue import USER, names_of
from risk.engine.features.declared.keycode import KeyCode
from risk.engine.features.entry import Entry, position_of
from risk.engine.features.timeline import Timeline
from risk.engine.payment.transaction import Transaction
from risk.engine.stages.base import Correction, Frontier, Item, Store
from risk.engine.stages.built_in import BuiltInStage
from risk.engine.stages.former import Parts, profile_now

_encode = msgspec.json.Encoder().encode
_SENT: Final = Entry.__struct_fields__
# What tells payments apart: what else an entry holds follows from it.
_sent = attrgetter(*_SENT)
MOST_NAMES = 65_536  # merchants, currencies and countries: anybody can send new ones


class UserStage(BuiltInStage):
    """Keyed by user_id. Its entries are those of all stages: they hold what these have to remember.

    A payment that came in two partitions is a duplicate that only this stage can see. It counts
    these `duplicates` and, among them, the `conflicts` of content.
    """

    names = names_of(USER)
    told = _SENT
    awake_ms = 0  # no longer than its window: few pay again that soon
    former_fold = "profile"

    def __init__(self, store: Store, code: KeyCode = USER_CODE) -> None:
        self.duplicates = self.conflicts = 0
        self._names: dict[str, str] = {}  # one object for each that many entries hold
        self._same = self._names.setdefault
        super().__init__(store, code)

    def on_batch(
        self, items: Sequence[Item], corrections: Sequence[Correction], frontier: Frontier
    ) -> tuple[list[Item], list[Correction]]:
        """As every stage."""
        if len(self._names) > MOST_NAMES:
            self._names.clear()
        return super().on_batch(items, corrections, frontier)

    def entry(self, item: Item, timeline: Timeline) -> Entry | None:
        """The event's entry; None for a payment that is there already."""
        entry = self._entry(item.txn, timeline)
        if entry.time <= timeline.latest:
            entries, position = timeline.entries, entry.position
            index = bisect_left(entries, position, key=position_of)
            if index < len(entries) and entries[index].position == position:
                if not item.suppressed:
                    self.duplicates += 1
                    self.conflicts += _sent(entries[index]) != _sent(entry)
                return None
        item.entry = entry
        return entry

    def restored(self, own: dict[str, Any]) -> Entry:
        """With one object for what many entries hold."""
        for name in ("currency", "merchant_id", "country"):
            own[name] = self._same(own[name], own[name])
        return super().restored(own)

    def former_entry(self, key: str, row: Sequence[Any]) -> tuple[str, Entry]:
        """Of all that decides what its features say of it."""
        time, event_id, ip, amount, currency, merchant, device, country, lat, lon, rest = row
        txn = Transaction(
            schema_version=1,
            event_id=event_id,
            user_id=key,
            event_time=time,
            amount=amount,
            currency=currency,
            merchant_id=merchant,
            country=country,
            ip=ip,
            device_id=device,
            lat=lat,
            lon=lon,
        )
        return key, self._made(txn, key, ip, device, rest)

    def former_parts(self, fold: Parts) -> Parts:
        """A profile's."""
        return profile_now(fold)

    def _entry(self, txn: Transaction, timeline: Timeline) -> Entry:
        """With the very objects that other entries hold, where they are equal."""
        ip, device = txn.ip, txn.device_id
        if timeline.entries:
            last = timeline.entries[-1]
            ip = last.ip if last.ip == ip else ip
            device = last.device_id if last.device_id == device else device
        return self._made(txn, timeline.key, ip, device, _rest(txn))

    def _made(self, txn: Transaction, user_id: str, ip: str, device: str, rest: int) -> Entry:
        same = self._same
        found: Entry = self._entries.type(
            txn.event_time,
            txn.event_id,
            user_id,
            ip,
            device,
            txn.amount,
            same(txn.currency, txn.currency),
            same(txn.merchant_id, txn.merchant_id),
            same(txn.country, txn.country),
            txn.lat,
            txn.lon,
            rest,
            *self._entries.more(txn),
        )
        return found


def _rest(txn: Transaction) -> int:
    """A checksum of what an entry lacks."""
    channel, category, card, source = (
        txn.channel,
        txn.merchant_category,
        txn.card_token,
        txn.source,
    )
    full = channel and category and card and source
    text = (
        f"{channel}{category}{card}\0{source}"
        if full
        else (f"{channel}\0{category}\0{card}\0{source}")
    )
    rest = crc32(text.encode())
    return rest if txn.attributes is None else crc32(_encode(txn.attributes), rest)
