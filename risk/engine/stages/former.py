"""Folds as they were kept while the catalogue's features were classes written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from risk.engine.features.catalogue import DAY
from risk.engine.features.declared.folds import LATEST_CURRENCY, OTHER_CURRENCIES
from risk.engine.stages.layout import BY_CURRENCY, FOLD, Move

Parts = Mapping[str, Any]


class Former:
    """Makes a fold of then, of parts so called, one of now."""

    needed: Final = True

    def __init__(
        self, there: Sequence[str], parts_now: Callable[[Parts], Parts], now: Mapping[str, Parts]
    ) -> None:
        self._there = Move("a fold of earlier code", there, dict.fromkeys(there))
        self._names, self._parts_now = tuple(there), parts_now
        self._fold = Move(FOLD, (), now[FOLD])
        self._by_currency = Move(BY_CURRENCY, (), now.get(BY_CURRENCY, {}))

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """The values by position. Raises `UnknownLayout`."""
        found = self._parts_now(dict(zip(self._names, self._there(values), strict=True)))
        if LATEST_CURRENCY in found:
            latest, others = found[LATEST_CURRENCY], found[OTHER_CURRENCIES]
            placed = {name: self._of_a_currency(own) for name, own in others.items()}
            own = None if latest is None else self._of_a_currency(latest)
            found = {**found, LATEST_CURRENCY: own, OTHER_CURRENCIES: placed}
        return list(self._fold.named(found).values())

    def _of_a_currency(self, parts: Parts) -> list[Any]:
        return list(self._by_currency.named(parts).values())


def session_now(session: Parts) -> Parts:
    """Of `start` and `last`, `events`, and `users` in the order in which they came."""
    users = session.get("users")
    if not users:
        return {}
    return {
        "session_30m start": session["start"],
        "session_30m last": session["last"],
        "session_30m n always": session["events"],
        "session_30m distinct user_id": users[0],
        "session_30m distinct user_id more": users[1:] or None,
    }


def profile_now(profile: Parts) -> Parts:
    """Of the latest `place` [time, lat, lon], `devices` and `countries` with their last use, the
    latest used at the end, and `days` [day, currency, events, sum of amounts] in order.
    """
    found: dict[str, Any] = {}
    place = profile.get("place")
    if place and (place[1] or place[2]):  # of the earliest code it may be (0, 0), which is none
        found |= dict(zip(("30d place at", "30d lat", "30d lon"), place, strict=True))
    for what, of in (("devices", "device_id"), ("countries", "country")):
        used = profile.get(what)
        if used:
            *others, (latest, at) = used
            found |= {
                f"30d latest {of}": latest,
                f"30d latest {of} used": at,
                f"30d other {of}": [part for one in others for part in one],
            }
    days = profile.get("days") or ()
    folds = {
        currency: _currency_now(currency, [day for day in days if day[1] == currency])
        for currency in dict.fromkeys(day[1] for day in days)
    }
    latest = folds.pop(days[-1][1]) if days else None
    return {**found, LATEST_CURRENCY: latest, OTHER_CURRENCIES: folds}


def _currency_now(currency: str, days: Sequence[Sequence[Any]]) -> Parts:
    """Running totals, and what they were when each day after the first began."""
    steps = [day for day, *_ in days]
    counts = list(accumulate(events for *_, events, _ in days))
    sums = list(accumulate(total for *_, total in days))
    return {
        "currency": currency,
        "last": (steps[-1] + 1) * DAY - 1,  # at the latest
        "30d_1d step": steps[-1],
        "30d_1d first": steps[0],
        "30d_1d later": steps[1:],
        "30d_1d n always": counts[-1],
        "30d_1d n always later": counts[:-1],
        "30d_1d sum amount": sums[-1],
        "30d_1d sum amount later": sums[:-1],
    }
