"""`risk bench decisions --data FILE`: rulesets on payments of which it is known what they were."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from risk.cli import tables
from risk.cli.benchmarks import common
from risk.cli.common import console, whole
from risk.cli.tables import Column, Table
from risk.config.settings import Settings
from risk.engine.rules import Ruleset
from risk.errors import UserError
from risk.ops.imports.order import by_event_time
from risk.ops.imports.records import Payment
from risk.ops.imports.source import Source, limits
from risk.verify.quality.curves import Figures
from risk.verify.quality.labelled import Judged, Labelled, judge
from risk.verify.quality.protocol import Protocol

_DAYS = whole(1, 400)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Those of labelled data."""
    data = parser.add_argument_group("on payments of a file, instead of synthetic ones")
    data.add_argument("--data", type=Path, metavar="FILE", help="payments with labels")
    data.add_argument("--map", type=Path, metavar="MAP.yaml", help="what its columns are")
    for name, days, about in (
        ("train", 7, "of training, before the labels' delay"),
        ("delay", 7, "until the labels of the training are known"),
        ("test", 7, "that are judged"),
        ("history", 45, "that are read before the first training, for the features' sake"),
    ):
        text = f"days {about} (default: %(default)s)"
        data.add_argument(f"--{name}-days", type=_DAYS, default=days, metavar="N", help=text)
    data.add_argument(
        "--starts",
        type=_starts,
        metavar="D,D",
        help="first days of training, counted from that of the first payment",
    )


def _starts(text: str) -> tuple[int, ...]:
    try:
        found = tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: write days as 115,122") from None
    if found[0] < 0:
        raise argparse.ArgumentTypeError(f"{found[0]}: days count from 0")
    return found


def run(args: argparse.Namespace, settings: Settings, rulesets: Sequence[Ruleset]) -> int:
    """0."""
    if not args.map or not args.starts:
        raise UserError("--data: say what its columns are, --map, and which weeks count, --starts")
    protocol = Protocol(args.train_days, args.delay_days, args.test_days, args.starts)
    try:
        source = Source.of(args.data, args.map, None)
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror}") from None
    if source.map.labels is None:
        raise UserError(f"--map {args.map}: it has no labels: nothing says what was fraud")
    payments = by_event_time(source.payments(limits(settings, time.time_ns() // 1_000_000)))
    try:
        judged = judge(
            rulesets,
            _labelled(payments),
            settings.scoring,
            protocol,
            args.history_days,
            lambda done: common.note(f"{done:,} payments"),
        )
    except ValueError as error:
        raise UserError(str(error)) from None
    if args.json:
        found = {
            "benchmark": "decisions",
            "data": args.data.name,
            "protocol": protocol._asdict(),
            "rulesets": judged,
        }
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return 0
    tables.show(console, *map(_table, judged))
    return 0


def _labelled(payments: Iterable[Payment]) -> Iterator[Labelled]:
    """Those that have a label."""
    for one in payments:
        if one.label:
            yield Labelled(
                one.event_id,
                one.user_id,
                one.event_time,
                one.value,
                one.label.verdict == "fraud",
                one.label.known_at,
            )


def _table(judged: Judged) -> Table:
    names = ("payments", "frauds", "AUC ROC", "avg. prec.", "card p@100")
    rates = judged.rules.recall_at_fpr
    columns = (*names, *(f"recall {100 * float(rate):g} %" for rate in rates))
    title = f"{judged.ruleset} version {judged.version}"
    table = Table("training from", *(Column(name, right=True) for name in columns), title=title)
    for start, found in judged.weeks.items():
        table.row(f"day {start}", *_cells(found))
    table.section()
    table.row("mean", *_cells(judged.rules))
    table.note = "recall: the share of frauds found if so many of the honest may be flagged"
    return table


def _cells(found: Figures) -> tuple[str | int, ...]:
    shares = (found.auc_roc, found.average_precision, found.card_precision_100)
    cells = (*shares, *found.recall_at_fpr.values())
    return found.payments, found.frauds, *(f"{one:.3f}" for one in cells)
