"""The times that `risk drift` is asked about."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from risk.audit.moments import instant, length, shown
from risk.config.types import DAY_MS
from risk.errors import UserError
from risk.verify.drift.periods import MOST_BUCKETS, By, Period, parts, week_before


class Asked(NamedTuple):
    """The two periods, and the days or hours of the current one to look at by themselves."""

    reference: Period
    current: Period
    parts: list[Period]


def asked(args: argparse.Namespace, latest: int) -> Asked:
    """What the options ask for; `latest` is up to when payments have settled, ms UTC.

    Raises `UserError`.
    """
    current = _current(args, latest)
    reference = _reference(args.reference, current, latest)
    by: By | None = args.by
    found = parts(current, by) if by else []
    if len(found) > MOST_BUCKETS:
        raise UserError(
            f"--by {by}: {len(found):,} of them: at most {MOST_BUCKETS}, so ask for a shorter time"
        )
    return Asked(reference, current, found)


def _current(args: argparse.Namespace, latest: int) -> Period:
    if args.last is not None and args.begin is not None:
        raise UserError("--last and --from both say where to begin: leave one out")
    end = latest
    if args.end is not None:
        end = min(latest, _time("--to", args.end, end=True))
    if args.begin is not None:
        begin = _time("--from", args.begin)
    else:
        long = length("24h" if args.last is None else args.last)
        if not long:
            raise UserError(f"--last {args.last}: use a length of time: 30m, 24h or 7d")
        begin = end - long
    if begin >= latest:
        raise UserError(f"--from {args.begin}: later than {_minute(latest)}, what has settled")
    if begin >= end:
        raise UserError(f"--from {args.begin} is not before --to {args.end}")
    if begin <= 0:
        raise UserError("--from, --to, --last: they reach back to before 1970")
    return Period(begin, end)


def _reference(given: list[str] | None, current: Period, latest: int) -> Period:
    if given is None:
        return week_before(current.begin)
    found = Period(_time("--reference", given[0]), _time("--reference", given[1], end=True))
    if found.begin >= found.end:
        raise UserError(f"--reference {given[0]} {given[1]}: the first is not before the second")
    if found.begin < current.end and current.begin < found.end:
        raise UserError(
            f"--reference {given[0]} {given[1]}: it has a part in common with what is compared, "
            f"{_minute(current.begin)} to {_minute(current.end)}: name times outside of that"
        )
    if found.end > latest:
        raise UserError(
            f"--reference {given[0]} {given[1]}: later than {_minute(latest)}, what has settled"
        )
    return found


def _time(flag: str, text: str, end: bool = False) -> int:
    """A time in ms UTC; a day is its beginning, or with `end` the one of the next day."""
    found = instant(text, end)
    if found is None or not 0 <= found < 10_000 * 366 * DAY_MS:
        raise UserError(
            f"{flag} {text}: use a time such as 2026-03-01, 2026-03-01T12:00 or in ms, UTC"
        )
    return found


def _minute(ms: int) -> str:
    return shown(ms)[:16]
