"""`risk model train`: a model for a ruleset's folder, from a training set."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import msgspec

from risk.audit.moments import length
from risk.cli import tables
from risk.cli.common import console, note, number, whole
from risk.cli.models.show import figures_table
from risk.engine.features.catalogue import DAY, SECOND
from risk.engine.rules.modelfile import FUNCTION_OF
from risk.engine.rules.rulefile import WORD
from risk.errors import UserError
from risk.ops.files import check
from risk.ops.models.sets.training_set import load
from risk.ops.models.train import KINDS
from risk.ops.rulesets import choose
from risk.ops.settings import home, load_settings
from risk.verify.quality.card import beside
from risk.verify.quality.training import Plan, train_on, write


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = (
        "train a model on the first part of a training set, judge it on the last, and write its "
        "file with a card beside it; the same set, seed and libraries give the same file "
        "(needs `make setup-train`)"
    )
    parser = actions.add_parser("train", help="train a model on a set", description=text)
    parser.add_argument("set", type=Path, metavar="SET.parquet")
    parser.add_argument("--kind", required=True, choices=KINDS)
    parser.add_argument("--name", required=True, help="what rules call it")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help="RULESET/models/NAME.json"
    )
    parser.add_argument("--seed", type=whole(0, 2**31 - 1), default=7, metavar="N")
    parser.add_argument(
        "--holdout",
        type=number(0.01, 0.9),
        default=0.25,
        metavar="SHARE",
        help="of the days, the last, that the model is judged on (default: %(default)s)",
    )
    parser.add_argument(
        "--period",
        type=_period,
        default=DAY,
        metavar="TIME",
        help="what is held out is counted in, instead of days, for a set of hours or minutes: 10m",
    )
    parser.add_argument(
        "--ruleset", metavar="NAME", help="look at nothing that this ruleset doesn't have"
    )
    parser.add_argument(
        "--inputs",
        type=_names,
        default=(),
        metavar="NAMES",
        help="with commas between (default: all features, amount, hour_utc, weekday_utc)",
    )
    parser.add_argument("--json", action="store_true", help="print the card's figures and facts")
    parser.set_defaults(run=run)


def _names(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not found:
        raise argparse.ArgumentTypeError("no name of an input is in it")
    return found


def _period(text: str) -> int:
    """A length of time in ms."""
    found = length(text)
    if not found or not SECOND <= found <= DAY:
        raise argparse.ArgumentTypeError(f"{text!r}: a length of 1s to 1d, such as 10m")
    return found


def run(args: argparse.Namespace) -> int:
    """0."""
    _check(args.name, args.out)
    found = load(args.set)
    ruleset = None
    if args.ruleset:
        settings = load_settings()
        ruleset = choose(settings, home(settings), args.ruleset).ruleset
    plan = Plan(args.name, args.kind, args.seed, args.holdout, args.inputs, period=args.period)
    result = train_on(found, plan, args.out, ruleset, note)
    write(result)
    if args.json:
        sys.stdout.write(msgspec.json.encode(result.card).decode() + "\n")
        return 0
    tables.show(console, figures_table(result.evaluation, f"{args.name} on the held-out days"))
    console.print(f"the model is {args.out}, its card {beside(args.out)}")
    function = FUNCTION_OF[result.loaded.file.kind]
    at = result.card.threshold
    console.print(f'a rule asks {function}("{args.name}") >= {at}: then `risk rules check`')
    return 0


def _check(name: str, out: Path) -> None:
    """Refuse what no ruleset would take before time is spent on it."""
    if not re.fullmatch(WORD, name):
        raise UserError(f"--name {name}: a name is of small letters, digits and _")
    if out.name != f"{name}.json":
        raise UserError(f"--out {out}: a model called {name} is in a file called {name}.json")
    if not out.parent.parent.is_dir():
        raise UserError(f"--out {out}: there is no folder {out.parent.parent}")
    if out.parent.exists():
        for path in (out, beside(out)):
            check("--out", path)
