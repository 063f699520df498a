"""What a user did before a payment, and shortly after it."""

from __future__ import annotations

from typing import Final

from risk.registry.session import Cursor
from sinks.postgres.timeline import Past, timeline

DAY_MS: Final = 86_400_000
BEFORE_MS: Final = 30 * DAY_MS  # as long as features look back
AFTER_MS: Final = DAY_MS
MOST: Final = 60


def around(cursor: Cursor, user_id: str, event_time: int) -> list[Past]:
    """The user's payments of the 30 days before, and of the day after; the latest first.

    At most 60 before and 20 after it.
    """
    after = timeline(cursor, user_id, event_time + 1, event_time + AFTER_MS, MOST // 3)
    before = timeline(cursor, user_id, event_time - BEFORE_MS, event_time, MOST)
    return after + before
