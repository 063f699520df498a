"""Copies the list of erased users to a store: one that was made anew, or restored, lacks it."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import UserError
from sinks import registry
from sinks.postgres.erased import erased
from sinks.store import Erases


def copy_list(settings: Settings, name: str) -> int:
    """Give a store the list that Postgres keeps; how many users are on it.

    Raises `UserError` if Postgres is away and the store has no list of its own, `Unavailable`.
    """
    store = registry.delivery(name).load()
    if not isinstance(store, Erases):
        return 0
    try:
        known = erased(settings)
    except Unavailable as error:
        own = store.erased(settings)
        if own is None:
            raise UserError(
                f"{error}: which users were erased stands there, and {name} doesn't know: start it"
            ) from None
        return len(own.users)
    if known.users:
        store.add_erased(settings, known)
    return len(known.users)
