"""The promotion or rollback that is under way: noted step by step, so that it can be finished."""

from __future__ import annotations

import msgspec

from risk.config.settings import Settings
from risk.registry.activations import switch
from risk.registry.deployments import Carried
from risk.registry.session import session
from sinks.sql import statement


class Promotion(msgspec.Struct, frozen=True):
    """From the old job to the run `run_id` under a ruleset's version.

    `savepoint` is the one of the old job that the new one begins from; empty until that is known.
    `history_since` is what the new run knows of the past, as `Run` has it, once that is known.
    """

    ruleset: str
    version: int
    how: str  # promote or rollback
    run_id: str
    old_run_id: str
    old_job_id: str
    savepoint: str = ""
    history_since: int | None = None


def under_way(settings: Settings) -> Promotion | None:
    """The one under way, if there is one. Raises `Unavailable`."""
    with session(settings) as cursor:
        row = cursor.execute(statement("get_promotion")).fetchone()
    return msgspec.convert(row, Promotion) if row else None


def begin(settings: Settings, promotion: Promotion) -> None:
    """Note that it begins; one is under way at a time. Raises `Unavailable`."""
    with session(settings) as cursor:
        cursor.execute(statement("begin_promotion"), msgspec.structs.asdict(promotion))


def note_savepoint(settings: Settings, savepoint: str, history_since: int | None) -> None:
    """The old job has left this savepoint, and what is in it of the past. Raises `Unavailable`."""
    with session(settings) as cursor:
        cursor.execute(
            statement("note_savepoint"), {"savepoint": savepoint, "history_since": history_since}
        )


def note_history(settings: Settings, history_since: int | None) -> None:
    """The new run reads anew, and all payments from that event time on. Raises `Unavailable`."""
    with session(settings) as cursor:
        cursor.execute(statement("note_history"), {"history_since": history_since})


def finish(settings: Settings, promotion: Promotion, carried: Carried | None = None) -> None:
    """The new job runs: its ruleset is the active one, and nothing is under way any more.

    Both at once, with the models that it carries. Raises `Unavailable`.
    """
    with session(settings) as cursor:
        switch(cursor, promotion.ruleset, promotion.version, promotion.how, carried)
        cursor.execute(statement("end_promotion"))


def abandon(settings: Settings) -> None:
    """Nothing is under way any more, and nothing has changed. Raises `Unavailable`."""
    with session(settings) as cursor:
        cursor.execute(statement("end_promotion"))
