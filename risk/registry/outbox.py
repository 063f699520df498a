"""What destinations are to be told of cases: one row a destination and case, in Postgres."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from risk.registry.session import Cursor
from sinks.sql import statement

Action = Literal["open", "acknowledge", "resolve"]
States = Literal["waiting", "sent", "dead"]
STATES: Final = ("waiting", "sent", "dead")


class Leased(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be sent now; `attempts` counts this one, `since` is when it was first due."""

    id: int
    destination: str
    case_id: int
    action: Action
    message: int
    attempts: int
    since: datetime

    @property
    def message_id(self) -> str:
        """The same whenever this is sent again, so that who gets it twice can tell."""
        return f"case_{self.case_id}_{self.destination}_{self.message}"


class Entry(Leased, frozen=True, kw_only=True):
    """A row, as it is listed."""

    state: States
    send_at: datetime
    error: str


def tell(
    cursor: Cursor, ids: Collection[int], destinations: Sequence[str], decisions: Sequence[str]
) -> None:
    """Have destinations told of these cases that weren't told of them yet."""
    values = {"ids": [*ids], "destinations": [*destinations], "decisions": [*decisions]}
    cursor.execute(statement("tell_outbox"), values)


def follow(cursor: Cursor, case_id: int, action: Action) -> None:
    """Have those that know of a case told what has become of it."""
    cursor.execute(statement("follow_outbox"), {"case_id": case_id, "action": action})


def lease(cursor: Cursor, destinations: Sequence[str], limit: int, lease_s: int) -> list[Leased]:
    """What is due, and nobody else's for `lease_s` seconds."""
    values: dict[str, Any] = {"destinations": [*destinations], "limit": limit, "lease_s": lease_s}
    rows = cursor.execute(statement("lease_outbox"), values).fetchall()
    return msgspec.convert(rows, list[Leased])


def settle(cursor: Cursor, one: Leased, state: States, wait_s: float = 0, error: str = "") -> None:
    """Note what became of sending; one that waits is sent again in `wait_s` seconds."""
    values = {"id": one.id, "message": one.message, "state": state}
    cursor.execute(statement("settle_outbox"), values | {"wait_s": wait_s, "error": error})


def entries(cursor: Cursor, states: Sequence[str], limit: int) -> list[Entry]:
    """Rows in these states, the latest first."""
    values = {"states": [*states], "limit": limit}
    rows = cursor.execute(statement("list_outbox"), values).fetchall()
    return msgspec.convert(rows, list[Entry])


def resend(cursor: Cursor, ids: Sequence[int] | None) -> int:
    """Have what was given up sent again, all of it or these; how many."""
    cursor.execute(statement("resend_outbox"), {"ids": None if ids is None else [*ids]})
    return cursor.rowcount
