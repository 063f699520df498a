"""The user stage: drops duplicates, adds what the user's own events say."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import Any
from zlib import crc32

import msgspec

from risk.engine.features.catalogue import DAY, HISTORY, USER, USER_WINDOW, names_of
from risk.engine.features.declared.entries import Entries
from risk.engine.features.declared.keycode import NOTHING_MORE, Remembered
from risk.engine.features.entry import Entry, position_of
from risk.engine.features.shape import Shape
from risk.engine.features.timeline import Timeline
from risk.engine.features.user.profile import PARTS, Profile
from risk.engine.features.user.velocity import Velocity
from risk.engine.payment.transaction import Transaction
from risk.engine.stages.base import Correction, Frontier, Item, Store
from risk.engine.stages.keyed import KeyedStage

_encode = msgspec.json.Encoder().encode
# What tells payments apart: what else an entry holds follows from it, and isn't restored here.
_sent = attrgetter(*Entry.__struct_fields__)
MOST_NAMES = 65_536  # merchants, currencies and countries: anybody can send new ones


class UserStage(KeyedStage):
    """Keyed by user_id. Its entries are those of all stages: they hold what these have to remember.

    A payment that came in two partitions is a duplicate that only this stage can see. It counts
    these `duplicates` and, among them, the `conflicts` of content.
    """

    names = names_of(USER)
    shape = Shape(Profile, Velocity, USER_WINDOW)
    fold, parts = "profile", PARTS
    keep_ms = USER_WINDOW
    retention_ms = HISTORY + DAY
    bucket_ms = DAY // 24

    def __init__(self, store: Store, remembered: Remembered = NOTHING_MORE) -> None:
        self._entries = Entries(remembered)
        self.duplicates = self.conflicts = 0
        self._names: dict[str, str] = {}  # one object for each that many entries hold
        self._same = self._names.setdefault
        super().__init__(store)

    def on_batch(
        self, items: Sequence[Item], corrections: Sequence[Correction], frontier: Frontier
    ) -> tuple[list[Item], list[Correction]]:
        """As every stage."""
        if len(self._names) > MOST_NAMES:
            self._names.clear()
        return super().on_batch(items, corrections, frontier)

    def keys(self, items: Sequence[Item]) -> list[str]:
        """The users."""
        return [item.txn.user_id for item in items]

    def rows(self, found: Sequence[tuple[str, Entry]]) -> list[tuple[str, tuple[Any, ...]]]:
        """All of each but the user."""
        return [
            (
                key,
                (
                    entry.time,
                    entry.event_id,
                    entry.ip,
                    entry.amount,
                    entry.currency,
                    entry.merchant_id,
                    entry.device_id,
                    entry.country,
                    entry.lat,
                    entry.lon,
                    entry.rest,
                ),
            )
            for key, entry in found
        ]

    def restored(self, key: str, row: Sequence[Any]) -> Entry:
        """As it was."""
        time, event_id, ip, amount, currency, merchant, device, country, lat, lon, rest = row
        same = self._same
        shared = same(currency, currency), same(merchant, merchant), same(country, country)
        who = time, event_id, key, ip, device
        found: Entry = self._entries.type(*who, amount, *shared, lat, lon, rest)
        return found

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

    def _entry(self, txn: Transaction, timeline: Timeline) -> Entry:
        """With the very objects that other entries hold, where they are equal."""
        ip, device = txn.ip, txn.device_id
        if timeline.entries:
            last = timeline.entries[-1]
            ip = last.ip if last.ip == ip else ip
            device = last.device_id if last.device_id == device else device
        same = self._same
        found: Entry = self._entries.type(
            txn.event_time,
            txn.event_id,
            timeline.key,
            ip,
            device,
            txn.amount,
            same(txn.currency, txn.currency),
            same(txn.merchant_id, txn.merchant_id),
            same(txn.country, txn.country),
            txn.lat,
            txn.lon,
            _rest(txn),
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
