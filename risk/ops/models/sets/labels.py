"""What was known of a payment at a moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from risk.engine.feedback import Logged, Verdict, current_verdict


class Known(NamedTuple):
    """A verdict, and since when it was known here (`known_at`), in ms UTC."""

    verdict: Verdict
    known_at: int


def history(logged: Iterable[Logged], as_of: int) -> tuple[Known, ...]:
    """The verdicts that counted by then, one after the other, out of all feedback on a payment.

    One that only confirms what is known already is no change: the verdict is known since before.
    """
    told = [one for one in logged if one.known_since <= as_of]
    found: list[Known] = []
    for moment in sorted({one.known_since for one in told}):
        current = current_verdict(one for one in told if one.known_since <= moment)
        assert current is not None
        verdict = current.feedback.verdict
        if not found or found[-1].verdict != verdict:
            found.append(Known(verdict, moment))
    return tuple(found)
