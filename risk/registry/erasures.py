"""Erasures of people: those under way, those that are done, and the list that they made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from risk.engine.erasure import Erased, Payment, of_rows
from risk.registry.session import Cursor
from sinks.sql import statement

SHOWN = 100


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """One erasure. `upto` is an event time in ms UTC; `removed` has what each place had so far."""

    id: int
    user_hash: str
    upto: int
    who: str
    reason: str
    started_at: datetime
    finished_at: datetime | None
    removed: dict[str, dict[str, int]]
    certificate: dict[str, Any] | None


def begin(cursor: Cursor, user_hash: str, upto: int, who: str, reason: str) -> Erasure:
    """A new one, or that which was interrupted."""
    values = {"user_hash": bytes.fromhex(user_hash), "upto": upto, "who": who, "reason": reason}
    row = cursor.execute(statement("begin_erasure"), values).fetchone()
    return msgspec.convert(row, Erasure)


def add_erased(cursor: Cursor, user_hash: str, upto: int) -> None:
    """Put a user on the list; writers that are at work may not have seen it yet."""
    values = {"user_hash": bytes.fromhex(user_hash), "upto": upto}
    cursor.execute(statement("add_erased_user"), values)


def note(cursor: Cursor, erasure: int, removed: Mapping[str, Mapping[str, int]]) -> None:
    """Note what was removed so far, place by place."""
    cursor.execute(statement("note_erasure"), {"id": erasure, "removed": Jsonb(dict(removed))})


def finish(
    cursor: Cursor, erasure: int, finished_at: datetime, certificate: Mapping[str, Any]
) -> None:
    """Note that one is done, and what is certified of it."""
    values = {
        "id": erasure,
        "finished_at": finished_at,
        "certificate": Jsonb(dict(certificate)),
    }
    cursor.execute(statement("finish_erasure"), values)


def listed(cursor: Cursor, user_hash: str | None = None, limit: int = SHOWN) -> list[Erasure]:
    """The latest, of all users or of one, the latest first."""
    wanted = bytes.fromhex(user_hash) if user_hash else None
    rows = cursor.execute(statement("list_erasures"), {"user_hash": wanted, "limit": limit})
    return msgspec.convert(rows.fetchall(), list[Erasure])


def among(cursor: Cursor, batch: Sequence[Payment]) -> Erased:
    """The part of the list that is about the users of a batch."""
    row = cursor.execute(statement("erasure_salt")).fetchone()
    assert row is not None, "its migration makes it"
    asked = Erased(bytes(row["salt"]))
    values = {"hashes": asked.hashes_of(batch)}
    rows = cursor.execute(statement("erased_among"), values).fetchall()
    return of_rows(asked.salt, {bytes(row["user_hash"]): row["upto"] for row in rows})


def rulesets_naming(cursor: Cursor, user_id: str) -> list[str]:
    """The rulesets, as name:version, in whose files the user_id stands."""
    rows = cursor.execute(statement("rulesets_naming"), {"user_id": user_id}).fetchall()
    return [f"{row['ruleset']}:{row['version']}" for row in rows]


def changes_naming(cursor: Cursor, user_id: str) -> list[int]:
    """The changes of rules, drafts and those that are done, in which the user_id stands."""
    rows = cursor.execute(statement("changes_naming"), {"user_id": user_id}).fetchall()
    return [row["id"] for row in rows]
