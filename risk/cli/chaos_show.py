"""A run of `risk chaos` on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from risk.cli.tables import Column, Styled, Table
from risk.cli.tables import show as show_table

if TYPE_CHECKING:
    from risk.verify.chaos.plan import Action
    from risk.verify.chaos.report import Report, Row, Totals


def show_plan(console: Console, actions: Sequence[Action]) -> None:
    """The faults in their order."""
    table = Table(
        Column("#", right=True),
        Column("fault", least=16),
        Column("target", least=13),
        Column("after s", right=True, rank=2),
        Column("lasts s", right=True, rank=1),
    )
    for number, action in enumerate(actions, 1):
        table.row(number, action.kind, action.target, action.pause_s, action.seconds or None)
    show_table(console, table)


def line(row: Row) -> str:
    """A fault that is over, in one line; what was hit and what is wrong in further ones."""
    back = "never" if row.recovery_s is None else f"{row.recovery_s:.1f} s"
    told = (
        f"{row.at_s:7.1f} s  {f'{row.kind} {row.target}':<32} lasted {row.lasted_s:5.1f} s  "
        f"decides again after {back:>7}  longest wait {row.longest_wait_s:5.1f} s"
    )
    more = ([row.note] if row.note else []) + row.problems
    return "\n".join((told, *(f"           {one}" for one in more)))


def show(console: Console, report: Report) -> None:
    """All of it: faults, recovery by kind, the accounts, and what is wrong."""
    show_table(console, _faults(report))
    recovery = Table(
        "recovery",
        Column("faults", right=True),
        Column("median s", right=True),
        Column("longest s", right=True),
        title=f"until payments are decided within {report.prompt_s:g} s again",
    )
    for name, found in report.recovery.items():
        recovery.row(name, found.faults, found.median_s, found.longest_s)
    show_table(console, recovery)
    if report.totals is not None:
        show_table(console, _accounts(report.totals))
    for problem in report.problems:
        console.print(problem, markup=False, soft_wrap=True)
    verdict = "nothing was lost, wrong or doubled" if report.sound else "NOT sound: see above"
    console.print(verdict, style="green" if report.sound else "bold red")


def _faults(report: Report) -> Table:
    table = Table(
        Column("at s", right=True),
        "fault",
        "target",
        Column("lasted s", right=True),
        Column("recovery s", right=True),
        Column("longest wait s", right=True),
        Column("in all stores s", right=True, rank=1),
        "",
        title=f"seed {report.seed}, {report.rate:g} events/s",
    )
    for row in report.rows:
        table.row(
            row.at_s,
            row.kind,
            row.target,
            row.lasted_s,
            row.recovery_s,
            row.longest_wait_s,
            max(row.stored_s.values(), default=None),
            Styled("FAILED", "bold red") if row.problems else Styled("ok", "green"),
        )
    return table


def _accounts(totals: Totals) -> Table:
    table = Table("payments", Column("count", right=True), title="accounts")
    for name in ("acknowledged", "unconfirmed", "in_topic", "consumed"):
        table.row(name.replace("_", " "), getattr(totals, name))
    table.section()
    for name in ("scored", "elsewhere", "duplicate", "late", "rejected", "corrections"):
        table.row(name, getattr(totals, name))
    table.section()
    for store, rows in totals.rows.items():
        table.row(f"rows in {store}", rows)
    for job, lag in totals.lag.items():
        table.row(f"lag of {job}", lag)
    colour = "red" if totals.mismatches else "green"
    table.row("mismatches", Styled(totals.mismatches, colour))
    return table
