"""Takes alerts in without those that Postgres would never take: the others don't wait for them."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from risk.config.settings import Settings
from risk.engine.delivery import Refused, Unavailable, Written
from risk.engine.messages import Alert
from risk.engine.quoted import values, without
from risk.engine.refusals import Limit
from risk.ops.cases.take_in import Taken, take_in
from sinks.postgres.faults import fault, kind


def all_but_refused(
    settings: Settings, alerts: Sequence[Alert], limit: Limit, doubt: bool
) -> tuple[Taken, list[Refused]]:
    """What became of alerts, and which of them are refused for good.

    With `doubt` those that it fails on in a way that may pass are not among these yet. Raises
    `Unavailable`, also if it refuses nearly all of them for the same reason.
    """
    refused: list[Refused] = []
    taken = _in_halves(settings, alerts, refused, 0, doubt)
    written = Written(rows=len(alerts) - len(refused), refused=tuple(refused))
    if held := limit.judge(written):
        raise Unavailable(held.line("postgres"))
    return taken, refused


def _in_halves(
    settings: Settings, alerts: Sequence[Alert], refused: list[Refused], at: int, doubt: bool
) -> Taken:
    """Take alerts in; one that Postgres would never take is found by halving, and noted."""
    try:
        return take_in(settings, settings, alerts)
    except Unavailable as error:
        cause = error.__cause__
        about = fault(cause) if isinstance(cause, psycopg.Error) else "passing"
        if about == "passing" or (about == "doubtful" and doubt):
            raise
        if len(alerts) == 1:
            assert isinstance(cause, psycopg.Error)
            said = without(str(error), values(alerts[0]), settings.privacy)
            refused.append(Refused(at, said, kind(cause)))
            return Taken()
    middle = len(alerts) // 2
    first = _in_halves(settings, alerts[:middle], refused, at, doubt)
    second = _in_halves(settings, alerts[middle:], refused, at + middle, doubt)
    return Taken(
        *(getattr(first, name) + getattr(second, name) for name in Taken.__struct_fields__)
    )
