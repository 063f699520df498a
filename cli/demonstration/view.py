"""What is seen while the demo runs: tables on a terminal, else a line every few seconds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import TracebackType

import msgspec
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

LINE_S = 5.0
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


class View:
    """Shows the latest `Look`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._look: Look | None = None
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=4)
        self._shown = 0.0

    def __enter__(self) -> View:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

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
        counts = Table(title=f"{look.phase}, {look.elapsed_s:.0f} s", min_width=30)
        counts.add_column("")
        counts.add_column("", justify="right")
        counts.add_row("events", f"{look.events:,}")
        counts.add_row("events/s", f"{look.rate:,.0f}")
        counts.add_row("scored", f"{look.scored:,}")
        counts.add_row("on their way", f"{look.waiting:,}")
        counts.add_section()
        for decision, colour in COLOURS.items():
            counts.add_row(Text(decision, colour), f"{look.decisions.get(decision, 0):,}")
        lag = Table(title="lag")
        lag.add_column("job")
        lag.add_column("records", justify="right")
        for job, records in look.lags.items():
            lag.add_row(job, f"{records:,}")
        riskiest = [_ranked("riskiest users", look.users), _ranked("riskiest IPs", look.ips)]
        return Group(Columns([counts, lag, *riskiest]))


def _ranked(title: str, rows: Ranked) -> Table:
    table = Table(title=title)
    table.add_column("")
    table.add_column("points", justify="right")
    for name, points in rows:
        table.add_row(name, f"{points:,}")
    return table


def _line(look: Look) -> str:
    decisions = "  ".join(f"{name} {look.decisions.get(name, 0):,}" for name in COLOURS)
    lags = "  ".join(f"{job} {records:,}" for job, records in look.lags.items())
    top = f"  top user {look.users[0][0]}" if look.users else ""
    return (
        f"{look.phase} {look.elapsed_s:4.0f} s  {look.events:,} events  {look.rate:,.0f}/s  "
        f"{look.scored:,} scored  {look.waiting:,} on their way  {decisions}  lag: {lags}{top}"
    )
