"""A run of `risk soak` on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from risk.cli.tables import Column, Styled, Table
from risk.cli.tables import show as show_table

if TYPE_CHECKING:
    from risk.verify.soak.report import Accounts, Report


def show(console: Console, report: Report) -> None:
    """All of it: each series, the accounts, and what is wrong."""
    show_table(console, _series(report))
    if report.accounts is not None:
        show_table(console, _accounts(report.accounts))
    for problem in report.problems:
        console.print(problem, markup=False, soft_wrap=True)
    well = "flat" if report.flat else "bounded"
    verdict = f"{well}, and nothing was lost" if report.sound else "NOT sound: see above"
    console.print(verdict, style="green" if report.sound else "bold red")


def _series(report: Report) -> Table:
    table = Table(
        "figure",
        Column("of", least=14),
        Column("level", right=True),
        Column("peak", right=True),
        Column("per hour", right=True, rank=1),
        Column("limit", right=True, rank=2),
        "",
        title=f"{report.load.kind}, {report.load.rate:,.0f} events/s for {report.sent_s:,.0f} s",
    )
    figure = ""
    for one in report.verdicts:
        if figure and one.figure != figure:
            table.section()
        figure = one.figure
        table.row(
            one.figure,
            one.of,
            _short(one.level),
            _short(one.peak),
            _short(one.per_hour),
            _short(one.limit),
            Styled("BREACH", "bold red") if one.breach else Styled("ok", "green"),
        )
    return table


def _short(value: float | None) -> float | None:
    """As many digits as say something."""
    if value is None:
        return None
    return round(value) if abs(value) >= 100 or value == round(value) else round(value, 1)


def _accounts(accounts: Accounts) -> Table:
    table = Table("payments", Column("count", right=True), title=f"accounts, by {accounts.by}")
    table.row("acknowledged", accounts.acknowledged)
    table.row("acknowledged a second", accounts.rate)
    table.row("in the topic", accounts.in_topic)
    table.section()
    for name in ("scored", "late", "rejected", "duplicate"):
        table.row(name, getattr(accounts, name))
    for store, rows in accounts.rows.items():
        table.row(f"rows in {store}", rows)
    for job, lag in accounts.lag.items():
        table.row(f"lag of {job}", lag)
    table.row("seconds until all had caught up", accounts.drained_s)
    table.row("mismatches", Styled(accounts.mismatches, "red" if accounts.mismatches else "green"))
    return table
