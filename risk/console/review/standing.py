"""How a case stands: what its head, its trail and its notes show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from risk.config.settings import Settings
from risk.console.review.shown import row
from risk.ops.actor import SYSTEM
from risk.ops.cases.queue import Whole
from risk.registry.cases.records import Event

SNOOZES: Final = ((1, "1 hour"), (4, "4 hours"), (24, "1 day"), (72, "3 days"), (168, "1 week"))
JUDGED: Final = ("close", "approve")  # the steps after which a case's verdict is sent
TOLD: Final = {
    "alert": "A new alert has come into this case. Look at it before you judge.",
    "correct": "What came late has corrected a score of this case.",
    "wake": "The snooze of this case is over.",
    "claim": "{who} has claimed this case.",
    "release": "{who} has given this case back to the queue.",
    "assign": "{who} has assigned this case to {to}.",
    "escalate": "{who} has handed this case to the leads.",
    "snooze": "{who} has put this case aside.",
    "close": "{who} has judged this case.",
    "approve": "{who} has approved the verdict.",
    "reject": "{who} has given the verdict back.",
    "undo": "{who} has undone the verdict.",
    "reopen": "{who} has reopened this case.",
    "note": "{who} has written a note.",
}


def standing(settings: Settings, whole: Whole, queue: str) -> dict[str, Any]:
    """Values for `cases/stand.html`. `queue` is the address of the queue that led here.

    `unsent_s`: for so long a verdict can be undone without a trace; 0: it was sent, or there is
    none. `last` is the last line of the trail, and `told` what it means to who looks.
    """
    now = datetime.now(UTC)
    last = whole.trail[-1] if whole.trail else None
    return {
        "row": row(whole.case, now),
        "allowed": frozenset(whole.allowed),
        "trail": list(reversed(whole.trail)),
        "notes": list(reversed(whole.notes)),
        "queue": queue,
        "snoozes": SNOOZES,
        "unsent_s": _unsent_s(whole, settings.cases.undo_s, now),
        "last": last.id if last else 0,
        "told": told(last) if last else "",
    }


def told(last: Event) -> str:
    """A line of the trail in a sentence, to somebody who has the case open."""
    who = "The engine" if last.who == SYSTEM.name else last.who
    text = TOLD.get(last.step, "{who} has changed this case.")
    return text.format(who=who, to=last.detail.get("to", "somebody"))


def _unsent_s(whole: Whole, undo_s: float, now: datetime) -> float:
    if whole.case.state != "closed":
        return 0.0
    said = _latest(whole.trail, JUDGED)
    left = said + timedelta(seconds=undo_s) - now if said else timedelta()
    return max(0.0, left.total_seconds())


def _latest(trail: Sequence[Event], steps: Sequence[str]) -> datetime | None:
    return max((one.at for one in trail if one.step in steps), default=None)
