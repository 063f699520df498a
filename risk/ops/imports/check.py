"""The file read once from end to end before anything is sent: what it holds, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec

from risk.errors import UserError
from risk.ops.imports.order import Order
from risk.ops.imports.profile import Column, Profile
from risk.ops.imports.records import Limits, Payment, Rejection, converted
from risk.ops.imports.rejects import Rejects
from risk.ops.imports.source import Source

FIRST = 10  # rejections that are shown


class Found(msgspec.Struct):
    """What a file holds. `late` payments are too far behind those before them: from `late_row` on.

    `from_time` and `to_time` are event times in ms UTC, -1 without payments.
    """

    rows: int = 0
    payments: int = 0
    labels: int = 0
    frauds: int = 0
    rejected: int = 0
    from_time: int = -1
    to_time: int = -1
    late: int = 0
    late_row: int = 0
    behind_ms: int = 0
    reasons: dict[str, int] = {}
    first: list[Rejection] = []
    columns: list[Column] = []


def check(
    source: Source,
    limits: Limits,
    lateness_ms: int,
    report: Callable[[int], object],
    rejects: Path | None = None,
    profile: bool = False,
) -> Found:
    """Read all of it. `report` is told how many rows were read; rejections go to `rejects`.

    Raises `UserError` for a file that can't be read to its end.
    """
    found, order, columns = Found(), Order(lateness_ms), Profile()
    with ExitStack() as stack:
        kept = stack.enter_context(Rejects(rejects)) if rejects else None
        for batch in source.batches():
            if profile:
                columns.add(batch)
            for one in converted(source.map, limits, batch):
                if isinstance(one, Payment):
                    order.add(one.row, one.event_time)
                    found.payments += 1
                    if one.label:
                        found.labels += 1
                        found.frauds += one.label.verdict == "fraud"
                    continue
                found.rejected += 1
                where = f"{one.column}: {one.reason}" if one.column else one.reason
                found.reasons[where] = found.reasons.get(where, 0) + 1
                if len(found.first) < FIRST:
                    found.first.append(one)
                if kept:
                    kept.add(one)
            found.rows += batch.size
            report(found.rows)
    found.from_time, found.to_time = order.first, order.last
    found.late, found.late_row, found.behind_ms = order.late, order.late_row, order.behind_ms
    found.columns = columns.columns()
    return found


def refusal(found: Found, max_rejects: int, sort: bool, rejects: Path) -> str | None:
    """Why this is not imported, with the way out; None if it can be."""
    if found.rejected > max_rejects:
        one = found.first[0]
        column = f", column {one.column}" if one.column else ""
        return (
            f"{found.rejected:,} of {found.rows:,} rows are no payments, the first is row "
            f"{one.row}{column}: {one.message}: all are in {rejects}: mend the map or the file, "
            f"or leave them out with --max-rejects {found.rejected}"
        )
    if found.late and not sort:
        return (
            f"{found.late:,} payments come after much later ones, by up to "
            f"{found.behind_ms / 1_000:,.0f} s, the first is row {found.late_row}: scoring would "
            "decide them without their history: --sort sends all by event time"
        )
    return None


def accept(found: Found, max_rejects: int, sort: bool, rejects: Path) -> None:
    """Raise `UserError` where this is not imported."""
    if why := refusal(found, max_rejects, sort, rejects):
        raise UserError(why)
