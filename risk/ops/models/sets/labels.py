"""What was known of a payment at a moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from risk.engine.feedback import Logged, Verdict, current_verdict


class Known(NamedTuple):
    """A verdict, and since when it was known here, in ms UTC."""

    verdict: Verdict
    since: int


def verdict_at(logged: Iterable[Logged], as_of: int) -> Known | None:
    """The verdict that counted then, out of all feedback on a payment; None if none was known."""
    found = current_verdict(one for one in logged if one.known_since <= as_of)
    return None if found is None else Known(found.feedback.verdict, found.known_since)
