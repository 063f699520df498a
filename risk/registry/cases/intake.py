"""The statements by which alerts become cases, for a batch of them at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from risk.registry.session import Cursor
from sinks.sql import statement

KEY: Final = 0x72697363  # any number, but the same for all who take alerts in


class Touched(NamedTuple):
    """A case after a batch."""

    id: int
    revision: int
    state: str


def begin(cursor: Cursor) -> None:
    """Be the only one who takes alerts in until the transaction ends."""
    cursor.execute(statement("lock_case_intake"), {"key": KEY})


def known(
    cursor: Cursor, identities: Collection[tuple[str, str, int, str, int]]
) -> dict[tuple[str, str, int, str, int], tuple[int, int, bool]]:
    """Of these alerts (user_id, event_id, event_time, ruleset, version) those that are known, with
    their case, their revision and whether they are late.
    """
    names = ("user_ids", "event_ids", "event_times", "rulesets", "versions")
    columns = zip(*identities, strict=True) if identities else ([] for _ in names)
    values = {name: [*column] for name, column in zip(names, columns, strict=True)}
    rows = cursor.execute(statement("known_case_alerts"), values).fetchall()
    return {
        (r["user_id"], r["event_id"], r["event_time"], r["ruleset"], r["ruleset_version"]): (
            r["case_id"],
            r["revision"],
            r["late"],
        )
        for r in rows
    }


def open_links(
    cursor: Cursor, links: Collection[tuple[str, str]]
) -> list[tuple[str, str, int, str, int]]:
    """Which open cases have these (kind, value): with case, user and its latest payment."""
    values = {"kinds": [kind for kind, _ in links], "values": [value for _, value in links]}
    rows = cursor.execute(statement("open_case_links"), values).fetchall()
    return [(r["kind"], r["value"], r["case_id"], r["user_id"], r["last_event_time"]) for r in rows]


def lock(cursor: Cursor, ids: Collection[int]) -> dict[int, str]:
    """Locks cases; their states."""
    rows = cursor.execute(statement("lock_cases"), {"ids": [*ids]}).fetchall()
    return {row["id"]: row["state"] for row in rows}


def reserve(cursor: Cursor, count: int) -> list[int]:
    """Ids for new cases, in order."""
    rows = cursor.execute(statement("reserve_case_ids"), {"count": count}).fetchall()
    return [row["id"] for row in rows]


def write(
    cursor: Cursor,
    opened: Sequence[Mapping[str, Any]],
    alerts: Sequence[Mapping[str, Any]],
    links: Sequence[Mapping[str, Any]],
) -> None:
    """Write new cases, alerts, new ones and corrected, and links."""
    for name, rows in (
        ("open_case", opened),
        ("upsert_case_alert", alerts),
        ("upsert_case_link", links),
    ):
        if rows:
            cursor.executemany(statement(name), rows)


def refresh(
    cursor: Cursor, ids: Collection[int], block_minutes: int, review_minutes: int
) -> list[Touched]:
    """Make cases say what their alerts do, and raise their revisions."""
    values = {"ids": [*ids], "block_minutes": block_minutes, "review_minutes": review_minutes}
    rows = cursor.execute(statement("refresh_cases"), values).fetchall()
    return [Touched(row["id"], row["revision"], row["state"]) for row in rows]
