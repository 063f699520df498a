"""What `risk import` shows while it runs and at its end."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from risk.audit.moments import shown
from risk.cli import tables
from risk.cli.common import console, make_console
from risk.cli.live_view import LiveView
from risk.cli.tables import Column, Styled, Table
from risk.ops.imports.check import Found
from risk.ops.imports.profile import MOST_DISTINCT
from risk.ops.imports.run import Imported

LINE_S = 5.0  # without a terminal, a line so often


class Progress(LiveView):
    """One line that is renewed on a terminal; elsewhere a line now and then, on stderr."""

    def __init__(self) -> None:
        self._text = ""
        self._begin, self._first = time.monotonic(), 0
        self._next = self._begin + LINE_S
        self._sending = False
        super().__init__(make_console(stderr=True), lambda: self._text)

    def checked(self, rows: int) -> None:
        """So many rows were read."""
        self._tell(f"{rows:,} rows checked  {self._rate(rows)}")

    def sent(self, messages: int, total: int) -> None:
        """So many messages of all are acknowledged."""
        if not self._sending:
            self._sending, self._begin, self._first = True, time.monotonic(), messages
        share = messages / total if total else 1.0
        self._tell(f"{messages:,} of {total:,} sent ({share:.0%})  {self._rate(messages)}")

    def _rate(self, count: int) -> str:
        took = time.monotonic() - self._begin
        return f"{(count - self._first) / took:,.0f}/s" if took > 0.1 else ""

    def _tell(self, text: str) -> None:
        self._text = text
        now = time.monotonic()
        if not self._console.is_terminal and now >= self._next:
            self._next = now + LINE_S
            print(text, file=sys.stderr, flush=True)


def show_check(found: Found, took: float) -> None:
    """What a dry run found: the columns, the first faults, the sums."""
    columns = Table(
        "column",
        "type",
        Column("empty", right=True),
        Column("distinct", right=True, rank=3),
        Column("least", least=10, rank=1),
        Column("greatest", least=10, rank=1),
        Column("example", least=10, rank=2),
        title="columns",
    )
    for one in found.columns:
        distinct = f"> {MOST_DISTINCT:,}" if one.distinct is None else f"{one.distinct:,}"
        empty = f"{one.empty:.1%}"
        columns.row(one.name, one.type, empty, distinct, one.least, one.greatest, one.example)
    faults = Table(
        Column("row", right=True),
        "column",
        Column("reason", rank=1),
        Column("why", least=30),
        title=f"the first {len(found.first)} of {found.rejected:,} rows that are no payments",
    )
    for fault in found.first:
        faults.row(fault.row, fault.column, fault.reason, fault.message)
    sums = Table("what", Column("count", right=True), title="in all")
    sums.row("rows", found.rows)
    sums.row("payments", found.payments)
    sums.row("labels", found.labels)
    sums.row("  fraud", found.frauds)
    sums.row("rejected", Styled(found.rejected, "red" if found.rejected else "green"))
    for reason, count in sorted(found.reasons.items(), key=lambda item: -item[1]):
        sums.row(f"  {reason}", count)
    sums.row("out of order, too late", Styled(found.late, "red" if found.late else "green"))
    if found.payments:
        sums.row("first event, UTC", shown(found.from_time))
        sums.row("last event, UTC", shown(found.to_time))
    sums.section()
    sums.row("seconds", f"{took:.1f}")
    sums.row("rows/s", round(found.rows / took))
    tables.show(console, columns, *([faults] if found.first else []), sums)


def show_import(done: Imported, rejects: Path) -> None:
    """What was sent."""
    table = Table("what", Column("count", right=True))
    table.row("rows", done.rows)
    table.row("payments", done.payments)
    table.row("labels", done.labels)
    table.row("rejected", done.rejected)
    table.section()
    if done.before:
        table.row("messages sent before", done.before)
    table.row("messages sent", done.sent)
    table.row("seconds", f"{done.seconds:.1f}")
    table.row("messages/s", round(done.rate))
    tables.show(console, table)
    if done.rejected:
        told = f"{done.rejected:,} rows were left out: {rejects} says why"
        print(f"risk: {told}", file=sys.stderr)
