"""What was known of a payment at a moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from risk.engine.feedback import Logged, Verdict, current_verdict


class Known(NamedTuple):
    """A verdict, and since when it was known here, in ms UTC."""

    verdict: Verdict
    since: int


def known_since(one: Logged) -> int:
    """Since when a verdict is known, in ms UTC: as features count it, but for their delay.

    What analysts and banks say is known here once it stands in the log; an import is what another
    system had known before.
    """
    said = one.feedback
    return said.known_at if said.source == "import" else max(said.known_at, one.append_time)


def verdict_at(logged: Iterable[Logged], as_of: int) -> Known | None:
    """The verdict that counted then, out of all feedback on a payment; None if none was known."""
    found = current_verdict(one for one in logged if known_since(one) <= as_of)
    return None if found is None else Known(found.feedback.verdict, known_since(found))
