"""What is shown of a model's figures: tables for 80 columns or a pipe."""

from __future__ import annotations

from collections.abc import Iterator

from risk.audit.moments import shown
from risk.cli.tables import Column, Table
from risk.verify.quality.card import NAMES, plain
from risk.verify.quality.contest import COST
from risk.verify.quality.curve_tables import Cost
from risk.verify.quality.evaluation import OF_GROUPS, Evaluation, Group
from risk.verify.quality.intervals import Interval

STEP = 100  # of thresholds in the table of costs: --json has more
BY = {
    "option": "--threshold",
    "card": "the card's",
    "best": "the best F1 on these payments, so flattered",
}


def name_of(figure: str) -> str:
    """What a figure is called."""
    return "cost" if figure == COST else NAMES[figure]


def figures_table(found: Evaluation, title: str) -> Table:
    """The figures with their intervals."""
    table = Table(
        Column("figure", least=16),
        Column("value", right=True),
        Column("from", right=True, rank=1),
        Column("to", right=True, rank=1),
        title=title,
    )
    for name, one in found.figures.items():
        table.row(NAMES[name], plain(one.value), plain(one.low), plain(one.high))
    table.row("card precision@100", plain(found.card_precision_100), "", "")
    table.note = (
        f"intervals are of 95 %, by {found.resamples} resamples of users; card precision has none: "
        "it takes too long"
    )
    return table


def all_tables(found: Evaluation) -> list[Table]:
    """Everything, in the order in which it is shown."""
    title = (
        f"{found.model}: {found.payments:,} payments of {found.users:,} users, "
        f"{found.frauds:,} fraud"
    )
    tables = [figures_table(found, title)]
    if found.reliability:
        tables.append(reliability_table(found))
    tables.append(cost_table(found))
    if found.groups:
        tables.append(groups_table(found))
    return tables


def reliability_table(found: Evaluation) -> Table:
    """What scores say beside what came of it."""
    table = Table(
        "scores",
        Column("payments", right=True),
        Column("predicted", right=True),
        Column("observed", right=True),
        title="reliability: the share of fraud",
    )
    for one in found.reliability:
        scores = f"{one.low}-{one.high}" if one.low < one.high else str(one.low)
        table.row(scores, one.payments, f"{one.predicted:.4f}", f"{one.observed:.4f}")
    return table


def cost_table(found: Evaluation) -> Table:
    """What thresholds cost: some of the curve, the one in use, and the cheapest."""
    money = found.money
    table = Table(
        Column("threshold", right=True),
        Column("frauds missed", right=True),
        Column("worth", right=True, rank=1),
        Column("honest flagged", right=True),
        Column("cost", right=True),
        "",
        title=f"costs in minor units of {money.currency}, {money.review_cost:g} a review of an "
        "honest payment",
    )
    rows = {one.threshold: one for one in money.curve if one.threshold % STEP == 0}
    rows |= {one.threshold: one for one in (money.chosen, money.cheapest, money.curve[-1])}
    for _, one in sorted(rows.items()):
        cells = (one.missed, one.lost, one.flagged, round(one.cost), _mark(found, one))
        table.row("none" if one == money.curve[-1] else str(one.threshold), *cells)
    if money.others:
        table.note = f"{money.others:,} payments in other currencies are left out"
    return table


def _mark(found: Evaluation, one: Cost) -> str:
    named = {"in use": found.money.chosen, "cheapest": found.money.cheapest}
    return ", ".join(name for name, of in named.items() if of == one)


def groups_table(found: Evaluation) -> Table:
    """Figures of the groups with enough frauds."""
    table = Table(
        "group",
        Column("payments", right=True),
        Column("frauds", right=True),
        *(Column(name, right=True, rank=at) for at, name in enumerate(("AUC ROC", "avg. prec."))),
        Column("recall at 1 %", right=True, rank=2),
        title="by group",
    )
    for one in found.groups:
        cells = (spread(one.figures[name]) for name in OF_GROUPS)
        table.row(_group(one), one.payments, one.frauds, *cells)
    return table


def remarks(found: Evaluation) -> Iterator[str]:
    """What stands below the tables: on the time, the threshold, groups with too few frauds."""
    yield f"payments from {shown(found.first)} to {shown(found.last)}"
    by = BY[found.threshold_by]
    yield f"threshold {found.threshold}: {by}; F1, precision and recall are of it"
    cost = found.money.at_threshold
    if cost.value is not None and cost.low is not None and cost.high is not None:
        yield f"its cost is {cost.value:,.0f}, from {cost.low:,.0f} to {cost.high:,.0f}"
    for by in dict.fromkeys(one.by for one in found.small):
        named = ", ".join(
            f"{one.name or 'unknown'} ({one.frauds:,} of {one.payments:,})"
            for one in found.small
            if one.by == by
        )
        yield f"too few frauds to judge, by {by}: {named}"


def _group(one: Group) -> str:
    return f"{one.by} {one.name or 'unknown'}"


def spread(one: Interval) -> str:
    """A figure with its interval, in one cell."""
    return f"{plain(one.value)} {plain(one.low)}-{plain(one.high)}"
