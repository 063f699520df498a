"""What `risk generate` shows while it runs and at its end."""

from __future__ import annotations

import sys
import time
from typing import Self

import msgspec

from generator.config import StreamConfig
from generator.tally import Tally
from risk.cli import tables
from risk.cli.common import console, make_console
from risk.cli.live_view import LiveView
from risk.cli.tables import Column, Styled, Table

LINE_S = 5.0  # without a terminal, a line so often


class Summary(msgspec.Struct, kw_only=True):
    """What was published or written. `truth` has the labels by attack, "none" for honest."""

    seed: int
    start_time: int
    records: int
    by_kind: dict[str, int]
    labels: int
    truth: dict[str, int]
    seconds: float
    rate: float
    most_behind_s: float
    errors: int
    first_error: str | None
    stopped: bool

    @classmethod
    def of(cls, tally: Tally, seconds: float, config: StreamConfig, stopped: bool) -> Summary:
        """A tally after so many seconds."""
        return cls(
            seed=config.seed,
            start_time=config.start_time,
            records=tally.sent,
            by_kind={str(kind): count for kind, count in tally.records.items()},
            labels=tally.labels,
            truth=dict(sorted(tally.truth.items())),
            seconds=round(seconds, 3),
            rate=round(tally.sent / seconds, 1),
            most_behind_s=round(tally.most_behind_s, 3),
            errors=tally.errors,
            first_error=tally.first_error,
            stopped=stopped,
        )


class Progress(LiveView):
    """One line that is renewed on a terminal; elsewhere a line now and then, on stderr."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._at, self._sent, self._rate = time.monotonic(), 0, 0.0
        super().__init__(make_console(stderr=True), self._line)

    def watch(self, tally: Tally) -> None:
        """Show this tally from now on."""
        self._tally = tally

    def __enter__(self) -> Self:
        self._at = time.monotonic()
        return super().__enter__()

    def tick(self) -> None:
        """Called several times a second."""
        now = time.monotonic()
        past = now - self._at
        if past < (1.0 if self._console.is_terminal else LINE_S):
            return
        sent = self._tally.sent
        self._rate = (sent - self._sent) / past
        self._at, self._sent = now, sent
        if not self._console.is_terminal:
            print(self._line(), file=sys.stderr, flush=True)

    def _line(self) -> str:
        tally = self._tally
        found = f"{tally.sent:,} sent  {self._rate:,.0f}/s  {tally.in_flight:,} in flight"
        return found + f"  {tally.errors:,} errors  {tally.behind_s:.1f} s behind"


def show(summary: Summary) -> None:
    """The summary as a table."""
    table = Table(
        "what",
        Column("count", right=True),
        title=f"seed {summary.seed}, start time {summary.start_time}",
    )
    table.row("records", summary.records)
    for kind, count in summary.by_kind.items():
        table.row(f"  {kind.replace('_', ' ')}", count)
    table.row("labels", summary.labels)
    for attack, count in summary.truth.items():
        table.row(f"  {'honest' if attack == 'none' else attack}", count)
    table.section()
    table.row("seconds", f"{summary.seconds:.1f}")
    table.row("records/s", round(summary.rate))
    table.row("most behind, s", f"{summary.most_behind_s:.2f}")
    table.row("errors", Styled(summary.errors, "red" if summary.errors else "green"))
    tables.show(console, table)
