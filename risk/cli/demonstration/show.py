"""The summary as tables."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from risk.cli import tables
from risk.cli.demonstration.summary import Summary
from risk.cli.quality_show import quality_table
from risk.cli.tables import Column, Table


def show(summary: Summary, console: Console) -> None:
    """Print it."""
    found = quality_table(summary.quality, "caught: REVIEW or BLOCK, once settled")
    tables.show(console, _counts(summary), _stores(summary), found, _latency(summary))
    sentence(console, _way(summary))
    if summary.chaos:
        chaos = summary.chaos
        took = "never" if chaos.recovered_s is None else f"{chaos.recovered_s:.1f} s later"
        sentence(
            console, f"killed: {chaos.killed} (pid {chaos.pid}) in mid-run; scores again: {took}"
        )
    report = summary.verified
    sentence(
        console,
        f"oracle: {report.events:,} records on the topic, of this run and all before it, scored "
        f"again by brute force: {report.mismatches:,} mismatches in topics and stores",
    )
    for line in summary.disagreements:
        console.print(Text.assemble(("wrong:", "red"), f" {line}"), soft_wrap=True)
    if summary.ok:
        console.print(Text("all counts agree", "green"))


def _counts(summary: Summary) -> Table:
    table = _table("this run", "events", "records")
    table.row("sent", summary.sent)
    for name in ("scored", "duplicate", "late", "rejected"):
        table.row(name, getattr(summary, name))
    total = summary.scored + summary.duplicate + summary.late + summary.rejected
    table.section()
    table.row("sum", total)
    return table


def _stores(summary: Summary) -> Table:
    flagged = sum(count for name, count in summary.decisions.items() if name != "ALLOW")
    table = _table("the same in each store", "topic or store", "scores", "flagged", "archived")
    table.row("risk.scores", summary.scored, flagged, None)
    for name, store in summary.stores.items():
        table.row(name, store.scores, store.flagged, store.archived)
    return table


def _latency(summary: Summary) -> Table:
    title = "ms from the append of a transaction"
    table = _table(title, "until", "p50", "p95", "p99", "events")
    for name, found in summary.latency_ms.items():
        until = f"readable in {name}" if name in summary.stores else f"appended to {name}"
        figures = (round(value) for value in (found.p50, found.p95, found.p99))
        table.row(until, *figures, found.events)
    table.note = (
        "after the warm-up; risk.scores: all events, by the broker's clock; "
        "stores: samples at a fixed pace, looked for every 10 to 25 ms"
    )
    return table


def _way(summary: Summary) -> str:
    decisions = ", ".join(f"{count:,} {name}" for name, count in summary.decisions.items())
    first = summary.to_first_score_s
    return (
        f"ruleset {summary.ruleset} version {summary.ruleset_version}: {decisions}; "
        f"{summary.corrected:,} corrected; seed {summary.seed}; first score "
        + (f"{first:.1f} s after the start of the command" if first else "never")
    )


def _table(title: str, first: str, *others: str) -> Table:
    return Table(first, *(Column(name, right=True) for name in others), title=title)


def sentence(console: Console, text: str) -> None:
    """Print it: on a terminal in lines that end at words, to anything else in one."""
    console.print(text, markup=False, soft_wrap=not console.is_terminal)
