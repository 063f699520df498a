"""How a case stands: what its head, its trail and its notes show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from risk.config.settings import Settings
from risk.console.review.shown import row
from risk.ops.cases.queue import Whole

SNOOZES: Final = ((1, "1 hour"), (4, "4 hours"), (24, "1 day"), (72, "3 days"), (168, "1 week"))


def standing(settings: Settings, whole: Whole, queue: str) -> dict[str, Any]:
    """Values for `cases/stand.html`. `queue` is the address of the queue that led here."""
    case, now = whole.case, datetime.now(UTC)
    said_at = case.judged_at + timedelta(seconds=settings.cases.undo_s) if case.judged_at else None
    return {
        "row": row(case, now),
        "allowed": frozenset(whole.allowed),
        "trail": list(reversed(whole.trail)),
        "notes": list(reversed(whole.notes)),
        "queue": queue,
        "snoozes": SNOOZES,
        "unsent": bool(said_at and said_at > now),
        "undo_s": settings.cases.undo_s,
    }
