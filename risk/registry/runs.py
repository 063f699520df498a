"""Run metadata in Postgres: which jobs ran what, on which part of the stream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from risk.config.settings import Settings
from risk.registry.session import as_json, session
from sinks.sql import statement

SHOWN = 100


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One scoring job. Offsets are by partition: the first one scored, and the one after the last.

    A replay reads up to `read_to`, also behind what it scores.
    `started_at` is the database's time of `start` if left out. `state` is running, finished,
    stopped or failed. `shadow` is the ruleset scored beside, as name:version. `history_since` is
    the event time, ms UTC, from which on it has read all payments; None: all that there ever were.
    """

    run_id: str
    kind: str  # live or replay
    ruleset: str
    ruleset_version: int
    fingerprint: str
    code_version: str
    placement: str  # fused or sharded
    parallelism: int = 1
    consumer_group: str = ""  # empty: the job's own
    shadow: str = ""
    job_id: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    offsets_from: dict[str, int] = {}
    offsets_to: dict[str, int] = {}
    read_to: dict[str, int] = {}
    counts: dict[str, int] = {}
    state: str = "running"
    history_since: int | None = None


def start(settings: Settings, run: Run) -> None:
    """Note that a run begins, anew if its run_id is there already. Raises `Unavailable`."""
    with session(settings) as cursor:
        cursor.execute(statement("start_run"), as_json(msgspec.structs.asdict(run)))


def note_job(settings: Settings, run_id: str, job_id: str) -> None:
    """Note the job of a run that was noted without one, and runs. Raises `Unavailable`."""
    with session(settings) as cursor:
        cursor.execute(statement("note_job"), {"run_id": run_id, "job_id": job_id})


def progress(
    settings: Settings, run_id: str, offsets_to: Mapping[str, int], counts: Mapping[str, int]
) -> None:
    """Note how far a running job is. Raises `Unavailable`."""
    values = {"run_id": run_id, "offsets_to": dict(offsets_to), "counts": dict(counts)}
    with session(settings) as cursor:
        cursor.execute(statement("update_run"), as_json(values))


def finish(
    settings: Settings,
    run_id: str,
    *,
    offsets_to: Mapping[str, int] | None = None,
    counts: Mapping[str, int] | None = None,
    state: str = "finished",
) -> None:
    """Note that a run has ended, now. What is left out stays as it was noted last.

    Raises `KeyError` if there is no such run, `Unavailable`.
    """
    values = {
        "run_id": run_id,
        "state": state,
        "offsets_to": None if offsets_to is None else dict(offsets_to),
        "counts": None if counts is None else dict(counts),
    }
    with session(settings) as cursor:
        if not cursor.execute(statement("finish_run"), as_json(values)).rowcount:
            raise KeyError(run_id)


def get(settings: Settings, run_id: str) -> Run | None:
    """A run, or None. Raises `Unavailable`."""
    with session(settings) as cursor:
        row = cursor.execute(statement("get_run"), {"run_id": run_id}).fetchone()
    return msgspec.convert(row, Run) if row else None


def list_runs(settings: Settings, limit: int = SHOWN) -> list[Run]:
    """The latest runs, the latest first. Raises `Unavailable`."""
    return _many(settings, "list_runs", {"limit": limit})


def of_ruleset(settings: Settings, ruleset: str, version: int) -> list[Run]:
    """The runs of a ruleset's version, the first first. Raises `Unavailable`."""
    return _many(settings, "runs_of", {"ruleset": ruleset, "version": version})


def running(settings: Settings) -> list[Run]:
    """Those not known to have ended, the latest first. Raises `Unavailable`."""
    return _many(settings, "running_runs", {})


def _many(settings: Settings, name: str, values: dict[str, object]) -> list[Run]:
    with session(settings) as cursor:
        rows = cursor.execute(statement(name), values).fetchall()
    return msgspec.convert(rows, list[Run])
