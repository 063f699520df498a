"""The user stage: drops duplicates, adds what the user's own events say."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from zlib import crc32

from risk.event import Transaction
from risk.features.catalogue import DAY, HISTORY, USER_WINDOW
from risk.features.cursor import Entry
from risk.features.shape import Shape, Values
from risk.features.timeline import Timeline
from risk.features.user.profile import Profile
from risk.features.user.velocity import Velocity
from risk.stages.base import Fix, Item, Store
from risk.stages.keyed import KeyedStage, names_of


class UserStage(KeyedStage):
    """Keyed by user_id. Counts `duplicates` and, among them, `conflicts` of payload."""

    names = names_of("user")
    shape = Shape(Profile, Velocity, USER_WINDOW)
    keep_ms = USER_WINDOW + 60_000  # longer than the window: duplicates are looked for in it
    rest_ms = HISTORY + DAY
    bucket_ms = DAY // 24
    first = True

    def __init__(self, store: Store) -> None:
        self.duplicates = self.conflicts = 0
        self._ids: dict[str, int] = {}  # event_id -> of how many entries that are looked at
        self._codes: dict[str, str] = {}  # one object a code: entries hold many
        super().__init__(store)

    def keys(self, items: Sequence[Item]) -> list[str]:
        """The users."""
        return [item.txn.user_id for item in items]

    def entries(self, items: Sequence[Item]) -> list[Entry]:
        """What velocity and profile look at; last, a checksum of what else was sent."""
        same = self._codes.setdefault
        return [
            (
                txn.event_time,
                txn.event_id,
                txn.ip,
                txn.amount,
                same(txn.currency, txn.currency),
                txn.merchant_id,
                txn.device_id,
                same(txn.country, txn.country),
                txn.lat,
                txn.lon,
                _rest(txn),
            )
            for txn in [item.txn for item in items]
        ]

    def repeats(self, item: Item, entry: Entry, timeline: Timeline) -> bool:
        """An event_id counts once while its first event is less than a window old."""
        event_id, ids = entry[1], self._ids
        before = None
        if event_id in ids:  # of any user
            before = _find(timeline.entries, entry, ids[event_id], item.highest - USER_WINDOW)
        if before is None:
            ids[event_id] = ids.get(event_id, 0) + 1
            return False
        if not item.quiet:
            self.duplicates += 1
            self.conflicts += before != entry
        return True

    def remember(self, entries: Sequence[Entry]) -> None:
        """Know their event_ids."""
        for entry in entries:
            self._ids[entry[1]] = self._ids.get(entry[1], 0) + 1

    def forget(self, entries: Sequence[Entry]) -> None:
        """Know their event_ids no more."""
        ids = self._ids
        for entry in entries:
            left = ids[entry[1]] - 1
            if left:
                ids[entry[1]] = left
            else:
                del ids[entry[1]]

    def fix(self, key: str, entry: Entry, features: Values) -> Fix:
        """The correction for one of the user's events."""
        return Fix(key, entry[1], entry[0], entry[2], entry[6], {})


def _find(entries: Sequence[Entry], like: Entry, count: int, after: int) -> Entry | None:
    """The first entry of that event_id, which `count` have, if its time is later than `after`."""
    position = like[:2]
    index = bisect_left(entries, position)
    found = index < len(entries) and entries[index][:2] == position
    if found and count == 1:  # as most often: it came twice as it was
        return entries[index] if position[0] > after else None
    for entry in entries:
        if entry[1] == position[1]:
            return entry if entry[0] > after else None
    return None


def _rest(txn: Transaction) -> int:
    """A checksum of the fields that an entry lacks."""
    text = f"{txn.channel}{txn.merchant_category}{txn.card_token}\0{txn.source}"
    return crc32(text.encode())
