"""One case: read it, lock it, change it, and add to its audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from risk.registry.cases.records import Case, CaseAlert, Event, Related
from risk.registry.session import Cursor
from sinks.sql import statement

MOST_ALERTS = 1_000
MOST_RELATED = 20


def get(cursor: Cursor, case_id: int) -> Case | None:
    """The case as it is; None if there is none."""
    return _one(cursor, "get_case", {"id": case_id})


def lock(cursor: Cursor, case_id: int) -> Case | None:
    """The same, and nobody else changes it until the transaction ends."""
    return _one(cursor, "lock_case", {"id": case_id})


def update(cursor: Cursor, case_id: int, standing: Mapping[str, Any]) -> Case:
    """Change what its state consists of, and raise its revision."""
    found = _one(cursor, "update_case", {"id": case_id, **standing})
    assert found is not None, "it is locked"
    return found


def append(
    cursor: Cursor,
    case_id: int,
    revision: int,
    who: tuple[str, str],
    step: str,
    states: tuple[str, str],
    detail: Mapping[str, Any],
) -> None:
    """Add a line to the audit trail, and tell who listens. `who` is a name and a role."""
    values = {
        "case_id": case_id,
        "revision": revision,
        "who": who[0],
        "role": who[1],
        "step": step,
        "from_state": states[0],
        "to_state": states[1],
        "detail": Jsonb(dict(detail)),
    }
    cursor.execute(statement("append_case_event"), values)


def trail(cursor: Cursor, case_id: int) -> list[Event]:
    """Its audit trail, the first step first."""
    rows = cursor.execute(statement("list_case_events"), {"case_id": case_id}).fetchall()
    return msgspec.convert(rows, list[Event])


def alerts(cursor: Cursor, case_id: int, limit: int = MOST_ALERTS) -> list[CaseAlert]:
    """Its alerts, the latest payments first."""
    values = {"case_id": case_id, "limit": limit}
    rows = cursor.execute(statement("alerts_of_case"), values).fetchall()
    return msgspec.convert(rows, list[CaseAlert])


def related(cursor: Cursor, case_id: int, limit: int = MOST_RELATED) -> list[Related]:
    """Other cases that share a user, a device, an address or a card, those with most first."""
    values = {"case_id": case_id, "limit": limit}
    rows = cursor.execute(statement("related_cases"), values).fetchall()
    return msgspec.convert(rows, list[Related])


def due_snoozed(cursor: Cursor, limit: int) -> list[Case]:
    """Locks and gives cases whose snooze is over."""
    rows = cursor.execute(statement("due_snoozed_cases"), {"limit": limit}).fetchall()
    return msgspec.convert(rows, list[Case])


def _one(cursor: Cursor, name: str, values: Mapping[str, Any]) -> Case | None:
    row = cursor.execute(statement(name), values).fetchone()
    return None if row is None else msgspec.convert(row, Case)
