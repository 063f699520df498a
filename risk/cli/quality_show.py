"""How well a ruleset decides, as a table: attacks, easy ones apart from hard ones."""

from __future__ import annotations

from collections.abc import Mapping

from generator.attacks import HARD
from risk.cli.tables import Column, Table
from risk.verify.quality.budgets import Cut, Quality, Recall
from risk.verify.quality.synthetic import Habit


def quality_table(quality: Quality, title: str) -> Table:
    """A row an attack: payments, those that the decisions flag, the share found at each budget."""
    budgets = [_percent(cut.budget) for cut in quality.cuts]
    columns = ("payments", "flagged", "share", *budgets)
    table = Table("attack", *(Column(name, right=True) for name in columns), title=title)
    for hard in (False, True):
        rows = {n: found for n, found in quality.attacks.items() if (n in HARD) == hard}
        for name, found in rows.items():
            table.row(name, *_cells(found))
        if rows:
            total = quality.hard if hard else quality.easy
            table.row("all hard ones" if hard else "all easy ones", *_cells(total))
            table.section()
    honest, wrong = quality.honest, quality.honest_flagged
    cost = [f"{cut.false_positives / max(1, honest):.2%}" for cut in quality.cuts]
    table.row("honest", honest, wrong, f"{wrong / max(1, honest):.2%}", *cost)
    at = ", ".join(_cut(cut) for cut in quality.cuts)
    table.note = f"%: the share found if so many of the honest may be flagged: {at}"
    return table


def habits_table(habits: Mapping[str, Habit], honest: int) -> Table:
    """Which of the honest payments are flagged."""
    names = ("payments", "flagged", "share", "of all honest")
    table = Table(
        "habit", *(Column(name, right=True) for name in names), title="false positives by habit"
    )
    for name, found in sorted(habits.items(), key=lambda item: -item[1].flagged):
        share = found.flagged / max(1, found.payments)
        row = f"{share:.2%}", f"{found.flagged / max(1, honest):.3%}"
        table.row(name, found.payments, found.flagged, *row)
    return table


def _cells(found: Recall) -> tuple[str | int, ...]:
    share = f"{found.flagged / found.payments:.1%}" if found.payments else ""
    return found.payments, found.flagged, share, *(f"{part:.1%}" for part in found.at_budgets)


def _cut(cut: Cut) -> str:
    what = "with no score" if cut.score is None else f"from a score of {cut.score}"
    return f"{_percent(cut.budget)} {what}"


def _percent(share: float) -> str:
    return f"{100 * share:g} %"
