"""`risk model compare`: two models on the same payments, and whether one is better."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import msgspec

from risk.cli import tables
from risk.cli.common import console, note
from risk.cli.models.contest_show import contest_table, verdict
from risk.cli.models.options import add_judging, asked
from risk.ops.models.sets.training_set import load
from risk.verify.quality.contest import Contender, contest
from risk.verify.quality.model_scores import read_model, scores
from risk.verify.quality.unseen import threshold, unseen


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = (
        "judge two models on the same payments of a training set, and say which is better, or that "
        "the difference may be chance"
    )
    parser = actions.add_parser("compare", help="judge two models", description=text)
    for name in ("a", "b"):
        parser.add_argument(name, type=Path, metavar=f"{name.upper()}.json")
    add_judging(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0, whoever wins."""
    models, how = [read_model(path) for path in (args.a, args.b)], asked(args)
    found, cards, notes = unseen(load(args.set), models, args.all)
    for line in notes:
        note(line)
    a, b = (
        Contender(_name(one.path), one.file.kind, scores(one, found), threshold(how, card))
        for one, card in zip(models, cards, strict=True)
    )
    judged = contest(found, a, b, how)
    if args.json:
        sys.stdout.write(msgspec.json.encode(judged).decode() + "\n")
        return 0
    tables.show(console, contest_table(judged))
    for line in verdict(judged):
        console.print(line, markup=False, soft_wrap=True)
    return 0


def _name(path: Path) -> str:
    """The path as JSON can hold it, whatever its bytes are."""
    return os.fsencode(path).decode(errors="backslashreplace")
