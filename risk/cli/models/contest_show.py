"""What is shown of two models that were compared."""

from __future__ import annotations

from collections.abc import Iterator

from risk.cli.models.show import name_of
from risk.cli.tables import Cell, Column, Table
from risk.verify.quality.card import plain
from risk.verify.quality.contest import COST, UNDECIDED, Contest, Difference, Side


def contest_table(found: Contest) -> Table:
    """A row for each figure."""
    right = {"right": True}
    table = Table(
        Column("figure", least=12),
        Column("A", **right),
        Column("B", **right),
        Column("B - A", **right, rank=1),
        Column("from", **right, rank=2),
        Column("to", **right, rank=2),
        "better",
        title=f"{found.payments:,} payments of {found.users:,} users, {found.frauds:,} fraud",
    )
    for one in found.differences:
        cells = (one.a, one.b, one.difference.value, one.difference.low, one.difference.high)
        table.row(name_of(one.figure), *(_value(one, cell) for cell in cells), one.better.upper())
    a, b = found.a.card_precision_100, found.b.card_precision_100
    table.row("card precision@100", plain(a), plain(b), plain(b - a), "", "", "")
    table.note = f"intervals of the difference are of 95 %, by {found.resamples} resamples of users"
    return table


def verdict(found: Contest) -> Iterator[str]:
    """Who is who, and who wins."""
    for name, side in (("A", found.a), ("B", found.b)):
        yield f"{name} is {side.model}, {side.kind}, threshold {side.threshold} ({_by(side)})"
    yield (
        "F1, precision, recall and cost are at the thresholds; the cost is in minor units of "
        f"{found.currency}, with {found.review_cost:g} for each honest payment flagged"
    )
    deciding = [one for one in found.differences if one.figure not in UNDECIDED]
    better = {
        side: [name_of(one.figure) for one in deciding if one.better == side] for side in "ab"
    }
    if found.winner:
        yield f"{found.winner.upper()} wins: {', '.join(better[found.winner])}"
    elif any(better.values()):
        told = "; ".join(f"{side.upper()} by {', '.join(better[side])}" for side in "ab")
        yield f"nobody wins: {told}"
    else:
        yield "nobody wins: every difference may be chance"


def _by(side: Side) -> str:
    return {"option": "--threshold", "card": "of its card"}.get(side.threshold_by, "of its best F1")


def _value(one: Difference, value: float | None) -> Cell:
    if one.figure == COST:
        return None if value is None else round(value)
    return plain(value)
