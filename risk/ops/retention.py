"""Removes from each store what is older than its retention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from risk.config.settings import Settings
from risk.errors import UserError
from risk.registry import retention
from risk.registry.session import session
from sinks import registry
from sinks.store import Expired, Retains


class Applied(msgspec.Struct):
    """What was removed from a store, by kind, or would be: all before an event time, ms UTC."""

    store: str
    upto: int
    removed: dict[str, int]


def limits(settings: Settings, now: int, names: Sequence[str] = ()) -> dict[str, int]:
    """Of each store that has a retention the event time that what is removed is before.

    `now` in ms UTC; `names` are those asked for, else all. Raises `UserError` if none has one, or
    if one doesn't that is asked for.
    """
    found: dict[str, int] = {}
    missing: list[str] = []
    for name in names or registry.names():
        store = registry.load(name)
        if not isinstance(store, Retains):
            if names:
                raise UserError(
                    f"{name} gives up what is old by itself, and not when it is told to"
                )
            continue
        limit = store.retention_limit(settings, now)
        if limit is None:
            missing.append(f"{name}.retention_days")
        else:
            found[name] = limit
    if missing and (names or not found):
        raise UserError(f"{', '.join(missing)}: not set, so all is kept for good")
    return found


def look(settings: Settings, name: str, upto: int) -> Applied:
    """What would be removed from a store. Raises `Unavailable`."""
    return Applied(name, upto, _retains(name).count_expired(settings, upto))


def apply(
    settings: Settings,
    name: str,
    upto: int,
    report: Callable[[Expired], None] = lambda _: None,
) -> Applied:
    """Remove it; `report` is told of each step. Run again it goes on, or finds nothing.

    Raises `Unavailable`, of the store and of Postgres, which remembers how far it has come.
    """
    # First: whoever compares stores meanwhile must not miss what goes.
    with session(settings) as cursor:
        retention.note(cursor, name, upto)
    removed: Counter[str] = Counter()
    for step in _retains(name).expire(settings, upto):
        removed.update(step.removed)
        report(step)
    return Applied(name, upto, dict(removed))


def _retains(name: str) -> Retains:
    store = registry.load(name)
    assert isinstance(store, Retains), "it has a limit"
    return store
