"""What is seen while the demo runs: tables on a terminal, else a line every few seconds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import msgspec
from rich.columns import Columns
from rich.console import Console, Group, RenderableType

from risk.cli.live_view import LiveView
from risk.cli.tables import Column, Styled, Table

LINE_S = 5.0
WIDEST = 38  # of a table in cells: two go side by side on 80
COLOURS = {"ALLOW": "green", "REVIEW": "yellow", "BLOCK": "red"}

Ranked = Sequence[tuple[str, int]]


class Look(msgspec.Struct):
    """One moment. `lags` by job; `users` and `ips` with their points."""

    phase: str
    elapsed_s: float
    events: int
    rate: float
    scored: int
    waiting: int
    decisions: Mapping[str, int]
    lags: Mapping[str, int]
    users: Ranked = ()
    ips: Ranked = ()


class View(LiveView):
    """Shows the latest `Look`."""

    def __init__(self, console: Console) -> None:
        self._look: Look | None = None
        self._shown = 0.0
        super().__init__(console, self._render)

    def say(self, line: str) -> None:
        """A line that stays."""
        self._console.print(line, markup=False, soft_wrap=True)

    def show(self, look: Look) -> None:
        """Show this from now on."""
        self._look = look
        if not self._console.is_terminal and time.monotonic() - self._shown >= LINE_S:
            self._shown = time.monotonic()
            self.say(_line(look))

    def _render(self) -> RenderableType:
        look = self._look
        if look is None:
            return ""
        counts = Table("", "", title=f"{look.phase}, {look.elapsed_s:.0f} s")
        counts.row("events", look.events)
        counts.row("events/s", round(look.rate))
        counts.row("scored", look.scored)
        counts.row("on their way", look.waiting)
        counts.section()
        for decision, colour in COLOURS.items():
            counts.row(Styled(decision, colour), look.decisions.get(decision, 0))
        lag = Table("job", "records", title="lag")
        for job, records in look.lags.items():
            lag.row(job, records)
        riskiest = [_ranked("riskiest users", look.users), _ranked("riskiest IPs", look.ips)]
        room = min(WIDEST, self._console.width)
        return Group(Columns([table.rich(room) for table in (counts, lag, *riskiest)]))


def _ranked(title: str, rows: Ranked) -> Table:
    table = Table(Column("", least=12), "points", title=title)
    for name, points in rows:
        table.row(name, points)
    return table


def _line(look: Look) -> str:
    decisions = "  ".join(f"{name} {look.decisions.get(name, 0):,}" for name in COLOURS)
    lags = "  ".join(f"{job} {records:,}" for job, records in look.lags.items())
    top = f"  top user {look.users[0][0]}" if look.users else ""
    return (
        f"{look.phase} {look.elapsed_s:4.0f} s  {look.events:,} events  {look.rate:,.0f}/s  "
        f"{look.scored:,} scored  {look.waiting:,} on their way  {decisions}  lag: {lags}{top}"
    )
