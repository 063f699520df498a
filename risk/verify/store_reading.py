"""Reads a store until it can be read, or the time is over, and compares it."""

from __future__ import annotations

import time
from typing import Final

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.erasure import Erased
from risk.engine.oracle import Expected
from risk.engine.rules import Ruleset
from risk.errors import UserError
from risk.verify import feedback_comparison, store_comparison
from risk.verify.comparison import Scores
from risk.verify.retained import since
from sinks import registry
from sinks.store import Checks, Recalls

POLL_S: Final = 2.0


def scores_in(
    name: str,
    settings: Settings,
    want: Expected,
    scores: Scores,
    ruleset: Ruleset,
    until: float,
    run_id: str | None,
    expired: int,
) -> tuple[int, list[str]]:
    """How many rows there are, and what is wrong. Of a run only its own events are looked at.

    Of what is before the event time `expired` nothing is.
    """
    loaded = registry.load(name)
    while True:
        try:
            rows = since(loaded.scan(settings, ruleset.name, ruleset.version), expired)
            # Where a score is more than its row: what else there is of it.
            halves = loaded.problems(settings) if isinstance(loaded, Checks) else []
        except Unavailable as error:
            if not again(until):
                reason = str(error).partition("\n")[0]
                raise UserError(f"{name} can't be read: {reason}: see `risk status`") from None
        else:
            if run_id is None:
                count, wrong = store_comparison.store(
                    name, rows, want, scores.revisions, ruleset, scores.unjudged
                )
                return count, wrong + [f"{name}: {half}" for half in halves]
            wanted = want.rows
            own = [row for row in rows if row.payment in wanted]
            # Which revision is there depends on who else has emitted the event.
            return store_comparison.store(name, own, want, {}, ruleset, scores.unjudged)


def beside(name: str, settings: Settings, until: float, erased: Erased) -> tuple[int, list[str]]:
    """How many rows there are of what is no store of scores, and what is wrong."""
    loaded = registry.delivery(name).load()
    if not isinstance(loaded, Recalls):
        return 0, []
    while True:
        try:
            rows, wrong = feedback_comparison.compare(settings, name, loaded, erased)
        except Unavailable as error:
            if not again(until):
                reason = str(error).partition("\n")[0]
                raise UserError(f"{name} can't be read: {reason}: see `risk status`") from None
        else:
            if not wrong or not again(until):
                return rows, wrong


def again(until: float) -> bool:
    """Whether there is time to look again; if so, a moment has passed."""
    left = until - time.monotonic()
    if left <= 0:
        return False
    time.sleep(min(POLL_S, left))
    return True
