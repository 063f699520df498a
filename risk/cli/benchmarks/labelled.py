"""`risk bench decisions --data FILE`: rulesets on payments of which it is known what they were."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from risk.cli import tables
from risk.cli.common import console, note
from risk.cli.common import whole as whole_number
from risk.cli.tables import Column, Table
from risk.config.settings import Settings
from risk.engine.features.catalogue import NAMES
from risk.engine.rules import Ruleset
from risk.errors import UserError
from risk.ops.imports.order import by_event_time
from risk.ops.imports.records import Payment as Imported
from risk.ops.imports.source import Source, limits
from risk.ops.models.train import KINDS
from risk.verify.quality.curves import Figures
from risk.verify.quality.labelled import Columns, Days, Label, Payment, judge
from risk.verify.quality.labelled import run as score_all
from risk.verify.quality.protocol import Protocol
from risk.verify.quality.trained import judge_models

_DAYS = whole_number(1, 400)


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
        "--train",
        type=_kinds,
        default=(),
        metavar="KINDS",
        help="train models on each training period, too, and judge them: "
        f"{', '.join(KINDS)} (needs `make setup-train`)",
    )
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


def _kinds(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(text.split(",")))
    for kind in found:
        if kind not in KINDS:
            raise argparse.ArgumentTypeError(f"{kind!r}: a model is one of {', '.join(KINDS)}")
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
    columns = Columns(rulesets, _inputs(rulesets[0]) if args.train else ())
    try:
        score_all(
            columns,
            _payments(payments),
            settings.scoring,
            Days.of(protocol, args.history_days),
            lambda done: note(f"{done:,} payments"),
        )
        judged = judge(columns, protocol)
        models = judge_models(columns, protocol, args.train, note)
    except ValueError as error:
        raise UserError(str(error)) from None
    if args.json:
        found = {
            "benchmark": "decisions",
            "data": args.data.name,
            "protocol": protocol._asdict(),
            "rulesets": judged,
            "models": models,
        }
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return 0
    shown = [(f"{one.ruleset} version {one.version}", one.rules, one.weeks) for one in judged]
    for one in models:
        shown.append((one.kind, one.model, one.weeks))
        shown.append((f"{one.kind} and the rules of {judged[0].ruleset}", one.both, {}))
    tables.show(console, *(_table(*each) for each in shown))
    return 0


def _payments(imported: Iterable[Imported]) -> Iterator[Payment]:
    """What a file has of them. One without a label counts for others, and is not judged."""
    for one in imported:
        label = one.label and Label(one.label.verdict == "fraud", one.label.known_at)
        yield Payment(one.event_id, one.user_id, one.event_time, one.value, label)


def _inputs(ruleset: Ruleset) -> tuple[str, ...]:
    """What a model looks at: the declared features, or the catalogue's if there are none."""
    declared = tuple(one.name for one in ruleset.features)
    return (*(declared or NAMES), "amount", "hour_utc", "weekday_utc")


def _table(title: str, whole: Figures, weeks: Mapping[int, Figures]) -> Table:
    names = ("payments", "frauds", "AUC ROC", "avg. prec.", "card p@100")
    rates = whole.recall_at_fpr
    columns = (*names, *(f"recall {100 * float(rate):g} %" for rate in rates))
    table = Table("training from", *(Column(name, right=True) for name in columns), title=title)
    for start, found in weeks.items():
        table.row(f"day {start}", *_cells(found))
    if weeks:
        table.section()
    table.row("mean", *_cells(whole))
    table.note = "recall: the share of frauds found if so many of the honest may be flagged"
    return table


def _cells(found: Figures) -> tuple[str | int, ...]:
    shares = (found.auc_roc, found.average_precision, found.card_precision_100)
    cells = (*shares, *found.recall_at_fpr.values())
    return found.payments, found.frauds, *(f"{one:.3f}" for one in cells)
