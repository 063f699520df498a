"""Run metadata in Postgres: which jobs ran on what, and which ruleset is the active one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from risk.settings import Settings
from sinks.postgres.connect import connect, unavailable
from sinks.sql import statement

SHOWN = 100


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One scoring job. Offsets are by partition: the first one read, and the one after the last.

    `started_at` is the database's time of `start` if left out. `state` is running, finished or
    failed.
    """

    run_id: str
    kind: str  # live or replay
    ruleset: str
    ruleset_version: int
    fingerprint: str
    code_version: str
    placement: str  # fused or sharded
    started_at: datetime | None = None
    ended_at: datetime | None = None
    offsets_from: dict[str, int] = {}
    offsets_to: dict[str, int] = {}
    counts: dict[str, int] = {}
    state: str = "running"


def start(settings: Settings, run: Run) -> None:
    """Note that a run begins, anew if its run_id is there already. Raises `Unavailable`."""
    values = msgspec.structs.asdict(run)
    with _cursor(settings) as cursor:
        cursor.execute(statement("start_run"), _as_json(values))


def finish(
    settings: Settings,
    run_id: str,
    *,
    offsets_to: Mapping[str, int] | None = None,
    counts: Mapping[str, int] | None = None,
    state: str = "finished",
) -> None:
    """Note that a run has ended, now. Raises `KeyError` if there is no such run, `Unavailable`."""
    values = {
        "run_id": run_id,
        "state": state,
        "offsets_to": dict(offsets_to or {}),
        "counts": dict(counts or {}),
    }
    with _cursor(settings) as cursor:
        if not cursor.execute(statement("finish_run"), _as_json(values)).rowcount:
            raise KeyError(run_id)


def get(settings: Settings, run_id: str) -> Run | None:
    """A run, or None. Raises `Unavailable`."""
    with _cursor(settings) as cursor:
        row = cursor.execute(statement("get_run"), {"run_id": run_id}).fetchone()
    return msgspec.convert(row, Run) if row else None


def list_runs(settings: Settings, limit: int = SHOWN) -> list[Run]:
    """The latest runs, the latest first. Raises `Unavailable`."""
    with _cursor(settings) as cursor:
        rows = cursor.execute(statement("list_runs"), {"limit": limit}).fetchall()
    return msgspec.convert(rows, list[Run])


def activate(settings: Settings, ruleset: str, version: int) -> None:
    """Make a ruleset's version the one that counts. Raises `Unavailable`."""
    with _cursor(settings) as cursor:
        cursor.execute(statement("activate"), {"ruleset": ruleset, "version": version})


def active(settings: Settings) -> tuple[str, int] | None:
    """The active ruleset and its version; None if there never was one. Raises `Unavailable`."""
    with _cursor(settings) as cursor:
        row = cursor.execute(statement("active")).fetchone()
    return (row["ruleset"], row["version"]) if row else None


@contextmanager
def _cursor(settings: Settings) -> Iterator[psycopg.Cursor[dict[str, Any]]]:
    try:
        with connect(settings) as connection, connection.cursor(row_factory=dict_row) as cursor:
            yield cursor
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def _as_json(values: dict[str, Any]) -> dict[str, Any]:
    return {k: Jsonb(v) if isinstance(v, dict) else v for k, v in values.items()}
