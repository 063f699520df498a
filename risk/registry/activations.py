"""Which ruleset counts, and which did before."""

from __future__ import annotations

from datetime import datetime

import msgspec

from risk.config.settings import Settings
from risk.registry.deployments import Carried, append
from risk.registry.session import Cursor, session
from sinks.sql import statement

SHOWN = 100


class Activation(msgspec.Struct, frozen=True):
    """From `since` on this ruleset counted. `back_to` is the activation a rollback returns to."""

    id: int
    ruleset: str
    version: int
    how: str  # first, promote or rollback
    back_to: int | None
    since: datetime


def active(settings: Settings) -> tuple[str, int] | None:
    """The active ruleset and its version; None if there never was one. Raises `Unavailable`."""
    with session(settings) as cursor:
        now = _now(cursor)
    return (now.ruleset, now.version) if now else None


def before(settings: Settings) -> tuple[str, int] | None:
    """The ruleset that a rollback returns to; None if there is none. Raises `Unavailable`."""
    with session(settings) as cursor:
        now = _now(cursor)
        found = _get(cursor, now.back_to) if now else None
    return (found.ruleset, found.version) if found else None


def activate(
    settings: Settings,
    ruleset: str,
    version: int,
    how: str = "promote",
    carried: Carried | None = None,
) -> None:
    """Make a ruleset's version the one that counts, with the models that it carries.

    Raises `Unavailable`. Activating what is active already changes nothing. A `rollback` goes back
    to `before`, and the next one further back.
    """
    with session(settings) as cursor:
        switch(cursor, ruleset, version, how, carried)


def switch(
    cursor: Cursor, ruleset: str, version: int, how: str, carried: Carried | None = None
) -> None:
    """`activate`, as a part of a transaction."""
    cursor.execute(statement("lock_active"))
    now = _now(cursor)
    if now and (now.ruleset, now.version) == (ruleset, version):
        return
    back_to = now.id if now else None
    if now and how == "rollback":
        found = _get(cursor, now.back_to)
        back_to = found.back_to if found else None
    values = {
        "ruleset": ruleset,
        "version": version,
        "how": how if now else "first",
        "back_to": back_to,
    }
    cursor.execute(statement("activate"), values)
    begun = _now(cursor)
    if carried is not None and begun is not None:
        append(cursor, begun.id, ruleset, version, carried)


def history(settings: Settings, limit: int = SHOWN) -> list[Activation]:
    """The latest activations, the latest first. Raises `Unavailable`."""
    with session(settings) as cursor:
        rows = cursor.execute(statement("list_activations"), {"limit": limit}).fetchall()
    return msgspec.convert(rows, list[Activation])


def at(settings: Settings, moment: datetime) -> Activation | None:
    """The activation that held at a moment; None if there was none. Raises `Unavailable`."""
    with session(settings) as cursor:
        row = cursor.execute(statement("activation_at"), {"at": moment}).fetchone()
    return msgspec.convert(row, Activation) if row else None


def _now(cursor: Cursor) -> Activation | None:
    row = cursor.execute(statement("active")).fetchone()
    return msgspec.convert(row, Activation) if row else None


def _get(cursor: Cursor, number: int | None) -> Activation | None:
    row = cursor.execute(statement("get_activation"), {"id": number}).fetchone()
    return msgspec.convert(row, Activation) if row else None
