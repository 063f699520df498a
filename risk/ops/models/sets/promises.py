"""What every training set promises: nothing in it is from the future.

The set is held to it when it is built and again whenever it is read, so that neither a mistake nor
a doctored file gets into a model. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from risk.audit.moments import shown
from risk.engine.feedback import VERDICTS
from risk.engine.payment.transaction import MAX_EVENT_TIME
from risk.errors import UserError
from risk.ops.models.sets.labels import Known
from risk.ops.models.sets.terms import Terms

Ints = npt.NDArray[np.int64]
NOT_KNOWN = -1  # in place of a time


class Promised(NamedTuple):
    """Payments by column. Times are in ms UTC; `known_at` of one without a verdict is -1.

    `earlier` are the verdicts of each that held before its own.
    """

    event_id: Sequence[str]
    user_id: Sequence[str]
    event_time: Ints
    verdict: Sequence[str | None]
    known_at: Ints
    earlier: Sequence[Sequence[Known]]


def keep(found: Promised, terms: Terms) -> None:
    """Raise `UserError`, naming the payment and the field, unless all of these hold.

    Each payment's time is within the range and before `as_of`, by as much as it takes to mature; a
    verdict was known by `as_of`, and those before it earlier still; each has either both a verdict
    and its time, or none; and none stands twice.
    """
    times, known = found.event_time, found.known_at
    labelled = np.array([one is not None for one in found.verdict], bool)
    odd = np.array([one is not None and one not in VERDICTS for one in found.verdict], bool)
    outside = (times < 0) | (times > MAX_EVENT_TIME)
    range_ = f"from {shown(terms.begin)} up to {shown(terms.to)}"
    as_of = f"the set is as of {shown(terms.as_of)}"
    for wrong, field, why in (
        (outside, "event_time", "is no time"),
        (times > terms.as_of, "event_time", f"is from the future: {as_of}"),
        (times >= terms.to, "event_time", f"is beyond the range, {range_}"),
        (times < terms.begin, "event_time", f"is before the range, {range_}"),
        (
            times > terms.as_of - terms.mature,
            "event_time",
            f"is too young to have an outcome: {as_of}",
        ),
        (odd, "verdict", f"is none of {', '.join(VERDICTS)}"),
        (labelled & (known < 0), "known_at", "is missing beside a verdict"),
        (~labelled & (known != NOT_KNOWN), "known_at", "is there without a verdict"),
        (labelled & (known > terms.as_of), "known_at", f"is from the future: {as_of}"),
    ):
        if wrong.any():
            raise UserError(_told(found, int(np.argmax(wrong)), field, why))
    for at, before in enumerate(found.earlier):
        if before and not _in_order(before, found.verdict[at], int(known[at])):
            raise UserError(_told(found, at, "earlier", "is no history of the verdict"))
    seen: set[tuple[str, str, int]] = set()
    for at, key in enumerate(zip(found.event_id, found.user_id, times.tolist(), strict=True)):
        if key in seen:
            raise UserError(_told(found, at, "event_id", "stands twice"))
        seen.add(key)
    if (backwards := np.diff(times) < 0).any():
        at = int(np.argmax(backwards)) + 1
        raise UserError(_told(found, at, "event_time", "is before that of the row above"))


def _in_order(before: Sequence[Known], verdict: str | None, since: int) -> bool:
    """Whether each verdict took the place of another one that held before it."""
    told = [*before, (verdict, since)]
    return all(
        one[0] != other[0] and one[0] in VERDICTS and 0 <= one[1] < other[1]
        for one, other in pairwise(told)
    )


def _told(found: Promised, at: int, field: str, why: str) -> str:
    value: Any = getattr(found, field)[at]
    if field in ("event_time", "known_at") and 0 <= value <= MAX_EVENT_TIME:
        value = shown(int(value))
    return f"event {found.event_id[at]} of user {found.user_id[at]}: {field} {value} {why}"
