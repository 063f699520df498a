"""What `risk generate` takes, and what it shows while it runs and at its end."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from types import TracebackType

import msgspec
from rich.live import Live

from cli import tables
from cli.common import console, make_console, whole
from cli.tables import Column, Styled, Table
from generator.attacks import ATTACKS
from generator.config import StreamConfig
from generator.tally import Tally

LINE_S = 5.0  # without a terminal, a line so often
DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(StreamConfig)}


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


class Progress:
    """One line that is renewed on a terminal; elsewhere a line now and then, on stderr."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._console = make_console(stderr=True)
        self._at, self._sent, self._rate = time.monotonic(), 0, 0.0
        self._live = Live(console=self._console, get_renderable=self._line, refresh_per_second=4)

    def watch(self, tally: Tally) -> None:
        """Show this tally from now on."""
        self._tally = tally

    def __enter__(self) -> Progress:
        self._at = time.monotonic()
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


def arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the options."""
    traffic = parser.add_argument_group("traffic")
    _number(traffic, "--rate", "rate", float, "events/s")
    _number(traffic, "--duration", "duration_s", float, "seconds", "SECONDS")
    _number(traffic, "--users", "users", int, "how many users (default: as the rate needs)")
    _number(traffic, "--seed", "seed", int, "the same gives the same stream")
    traffic.add_argument(
        "--attack",
        default="all",
        metavar="NAMES",
        help=f"all, none, or some of {','.join(ATTACKS)} (default: all)",
    )
    traffic.add_argument(
        "--start-time",
        type=int,
        metavar="MS",
        help="event time of the beginning, ms UTC (default: now; unpaced, now less the duration)",
    )
    disorder = parser.add_argument_group("shares, 0 to 0.5, and disorder")
    _number(disorder, "--attack-share", "attack_share", float, "fraud among the events")
    _number(disorder, "--out-of-order", "out_of_order", float, "sent after later ones")
    _number(disorder, "--out-of-order-max-ms", "out_of_order_max_ms", int, "by at most", "MS")
    _number(disorder, "--duplicates", "duplicates", float, "sent twice")
    _number(disorder, "--malformed", "malformed", float, "broken")
    _number(disorder, "--late", "late", float, "beyond the engine's lateness bound")
    _number(disorder, "--skew-s", "skew_s", float, "the last partition behind the first", "SECONDS")
    _number(disorder, "--hot-ips", "hot_ips", int, "addresses that many honest users share")
    _number(disorder, "--hot-share", "hot_share", float, "honest payments through those")
    way = parser.add_argument_group("where to, and how")
    way.add_argument("--unpaced", action="store_true", help="as fast as it goes")
    files = way.add_mutually_exclusive_group()
    files.add_argument(
        "--to-file", type=Path, metavar="FILE", help="write the stream, send nothing"
    )
    files.add_argument("--from-file", type=Path, metavar="FILE", help="publish a written stream")
    way.add_argument(
        "--malformed-only",
        type=whole(1, 1_000_000_000),
        metavar="N",
        help="N broken records, some of 1 MB",
    )
    way.add_argument(
        "--metrics-port", type=whole(1, 65_535), metavar="PORT", help="serve Prometheus metrics"
    )
    way.add_argument("--metrics-host", default="127.0.0.1", metavar="HOST", help=argparse.SUPPRESS)
    way.add_argument("--json", action="store_true", help="print one JSON object at the end")
    return parser


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


def _number(
    group: argparse._ArgumentGroup,
    option: str,
    field: str,
    kind: type,
    text: str,
    metavar: str = "N",
) -> None:
    default = DEFAULTS[field]
    if "default" not in text:
        text += " (default: %(default)s)"
    group.add_argument(option, dest=field, type=kind, default=default, metavar=metavar, help=text)
