"""Changes of rules and lists that were drafted, and the trail of what was done with each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from psycopg.types.json import Jsonb

from risk.registry.session import Cursor
from sinks.sql import statement

SHOWN = 100

State = Literal["draft", "proposed", "approved", "withdrawn"]
Kind = Literal["rule", "list"]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A new text of the file `path` in a ruleset's folder: a rule's or a list's, by `name`.

    `base_text` is what the file held, None if there was none, and `base_fingerprint` that of the
    ruleset as it was.
    """

    kind: Kind
    ruleset: str
    name: str
    path: str
    text: str
    base_text: str | None
    base_fingerprint: str
    why: str
    author: str


class Change(Draft, frozen=True, kw_only=True):
    """A draft, and what became of it.

    Once it is proposed, `version` and `fingerprint` are the ruleset's with it, and `patch` is all
    that is to be committed. `backtest` are counts and sums, with the fingerprint that they are of.
    """

    id: int
    revision: int
    state: State
    version: int | None
    fingerprint: str
    patch: str
    backtest: dict[str, Any] | None
    approved_by: str | None
    created_at: datetime
    changed_at: datetime


class Event(msgspec.Struct, frozen=True):
    """A step of a change."""

    at: datetime
    who: str
    role: str
    step: str
    detail: dict[str, Any]


_UPDATED = ("state", "text", "why", "version", "fingerprint", "patch", "approved_by")


def add(cursor: Cursor, draft: Draft) -> Change:
    """Keep a new draft."""
    values = msgspec.structs.asdict(draft)
    return _change(cursor.execute(statement("add_rule_change"), values).fetchone())


def get(cursor: Cursor, number: int) -> Change | None:
    """The change as it is; None if there is none."""
    row = cursor.execute(statement("get_rule_change"), {"id": number}).fetchone()
    return None if row is None else _change(row)


def lock(cursor: Cursor, number: int) -> Change | None:
    """The same, and nobody else changes it until the transaction ends."""
    row = cursor.execute(statement("lock_rule_change"), {"id": number}).fetchone()
    return None if row is None else _change(row)


def update(cursor: Cursor, change: Change) -> Change:
    """Keep what steps change of it, and raise its revision."""
    values = {"id": change.id} | {name: getattr(change, name) for name in _UPDATED}
    return _change(cursor.execute(statement("update_rule_change"), values).fetchone())


def note_backtest(cursor: Cursor, number: int, report: Mapping[str, Any]) -> None:
    """Keep what a backtest has found: no revision is raised, as it changes no text."""
    values = {"id": number, "backtest": Jsonb(dict(report))}
    cursor.execute(statement("note_backtest"), values)


def listed(
    cursor: Cursor,
    states: Sequence[State] | None = None,
    ruleset: str | None = None,
    name: str | None = None,
    limit: int = SHOWN,
) -> list[Change]:
    """The latest, the latest first."""
    values = {
        "states": None if states is None else list(states),
        "ruleset": ruleset,
        "name": name,
        "limit": limit,
    }
    rows = cursor.execute(statement("list_rule_changes"), values).fetchall()
    return msgspec.convert(rows, list[Change])


def append(
    cursor: Cursor, number: int, who: tuple[str, str], step: str, detail: Mapping[str, Any]
) -> None:
    """Add a line to the trail. `who` is a name and a role."""
    values = {
        "change_id": number,
        "who": who[0],
        "role": who[1],
        "step": step,
        "detail": Jsonb(dict(detail)),
    }
    cursor.execute(statement("append_rule_change_event"), values)


def trail(cursor: Cursor, number: int) -> list[Event]:
    """Its trail, the first step first."""
    rows = cursor.execute(statement("list_rule_change_events"), {"change_id": number}).fetchall()
    return msgspec.convert(rows, list[Event])


def _change(row: Mapping[str, Any] | None) -> Change:
    assert row is not None, "it is there"
    return msgspec.convert(dict(row), Change)
