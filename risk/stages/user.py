"""The user stage: drops duplicates, adds what the user's own events say."""

from __future__ import annotations

from zlib import crc32

from risk.event import encode
from risk.features.catalogue import DAY, HISTORY, USER_WINDOW
from risk.features.cursor import Entry
from risk.features.timeline import Shape, Timeline, Values
from risk.features.user.entry import UserEntry
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

    def __init__(self, store: Store) -> None:
        self.duplicates = self.conflicts = 0
        super().__init__(store)

    def key(self, item: Item) -> str:
        """The user."""
        return item.txn.user_id

    def entry(self, item: Item) -> Entry:
        """What velocity and profile look at."""
        txn = item.txn
        return UserEntry(
            txn.event_time,
            txn.event_id,
            txn.ip,
            txn.amount,
            txn.currency,
            txn.merchant_id,
            txn.device_id,
            txn.country,
            txn.lat,
            txn.lon,
            crc32(encode(txn)),
        )

    def accept(self, item: Item, timeline: Timeline) -> bool:
        """An event_id counts once while its first event is less than a window old."""
        first = timeline.find(item.txn.event_id, item.highest - USER_WINDOW)
        if first is None:
            return True
        if not item.quiet:
            self.duplicates += 1
            self.conflicts += first[-1] != crc32(encode(item.txn))
        return False

    def fix(self, key: str, entry: Entry, features: Values) -> Fix:
        """The correction for one of the user's events."""
        return Fix(key, entry[1], entry[0], entry[2], entry[6], {})
