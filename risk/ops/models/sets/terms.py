"""What a training set is asked for: which payments, and what is known of them at which moment."""

from __future__ import annotations

import msgspec

from risk.audit.moments import instant, length, shown
from risk.engine.messages import Time
from risk.engine.payment.transaction import MAX_EVENT_TIME
from risk.errors import UserError


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"begin": "from"}):
    """Payments from `begin` up to, without, `to`; what was known at `as_of`. All in ms UTC.

    `mature` is how long, in ms, after a payment its verdict may take: younger ones are left out,
    and an older one without a verdict is honest.
    """

    begin: Time
    to: Time
    as_of: Time
    mature: Time


def terms(begin: str, to: str, as_of: str | None, mature: str, now: int) -> Terms:
    """From what options say; `now` is in ms UTC. Raises `UserError`, which names the option.

    A day is its beginning as --from, and its end as --to and --as-of. What is known now may change
    yet, so nothing is known of a moment that is still to come.
    """
    found = Terms(
        _time("--from", begin),
        _time("--to", to, end=True),
        now if as_of is None else _time("--as-of", as_of, end=True),
        _length("--mature", mature),
    )
    if found.begin >= found.to:
        raise UserError(
            f"--from {begin}, --to {to}: no time is between them: --to is the later one"
        )
    if found.as_of > now:
        raise UserError(
            f"--as-of {as_of}: it is still to come: without it, it is now that verdicts are known"
        )
    if found.to > found.as_of:
        at = f"--as-of {as_of}" if as_of else f"now, {shown(now)}"
        raise UserError(f"--to {to}: it is after {at}: nothing is known of payments by then")
    if found.begin + found.mature > found.as_of:
        raise UserError(
            f"--mature {mature}: no payment from {begin} on is so old as of {shown(found.as_of)}: "
            "take earlier payments, or a shorter time"
        )
    return found


def _time(flag: str, text: str, end: bool = False) -> int:
    found = instant(text, end)
    if found is None or not 0 <= found <= MAX_EVENT_TIME:
        raise UserError(f"{flag} {text}: use a time such as 2026-03-01T12:00 or in ms UTC")
    return found


def _length(flag: str, text: str) -> int:
    found = length(text)
    if found is None or found > MAX_EVENT_TIME:
        raise UserError(f"{flag} {text}: use a length of time such as 7d, 36h or 0d")
    return found
