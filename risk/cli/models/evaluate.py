"""`risk model evaluate`: what a model is worth on a training set, with intervals."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from risk.cli import tables
from risk.cli.common import console, note
from risk.cli.models.options import add_judging, asked
from risk.cli.models.page import page
from risk.cli.models.show import all_tables, remarks
from risk.ops import files
from risk.ops.models.sets.training_set import load
from risk.verify.quality.evaluation import evaluate
from risk.verify.quality.model_scores import read_model, scores
from risk.verify.quality.unseen import threshold, unseen


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = (
        "judge a model on the payments of a training set: on those from when its card's held-out "
        "days begin, if it has a card"
    )
    parser = actions.add_parser("evaluate", help="judge a model on a set", description=text)
    parser.add_argument("model", type=Path, metavar="MODEL.json")
    add_judging(parser)
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one page with plots")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0."""
    if args.html is not None:
        files.check("--html", args.html, (args.set, args.model))
    model, how = read_model(args.model), asked(args)
    found, (card,), notes = unseen(load(args.set), [model], args.all)
    for line in notes:
        note(line)
    at, by = threshold(how, card)
    kind = model.file.kind
    judged = evaluate(
        model.file.name, kind, found, scores(model, found), how._replace(threshold=at), by
    )
    if args.html is not None:
        files.replace(args.html, page(judged).encode())
    if args.json:
        sys.stdout.write(msgspec.json.encode(judged).decode() + "\n")
        return 0
    tables.show(console, *all_tables(judged))
    for line in remarks(judged):
        console.print(line, markup=False, soft_wrap=True)
    if args.html is not None:
        console.print(f"the page is {args.html}", markup=False, soft_wrap=True)
    return 0
