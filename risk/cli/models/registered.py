"""`risk model list` and `show`: the models that Postgres knows, and what each is now."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

import msgspec

from risk.cli import tables
from risk.cli.common import console, whole
from risk.cli.models.postgres import MOST_ROWS, moment, registry
from risk.cli.tables import Column, Styled, Table
from risk.engine.messages import MODEL_FILE_DIGITS
from risk.errors import UserError
from risk.registry import models
from risk.registry.models import Registered
from risk.verify.quality.card import NAMES, plain

STYLES = {"production": "green", "rollout": "yellow", "shadow": "yellow"}


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    text = "list registered and deployed models, the latest first, with what each is now"
    parser = actions.add_parser("list", help="list registered models", description=text)
    parser.add_argument(
        "--limit", type=whole(1, MOST_ROWS), default=20, help="how many (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)
    text = "show the models registered under a name, and the figures of the latest"
    parser = actions.add_parser("show", help="show a registered model", description=text)
    parser.add_argument("name", help="what rules call it")
    parser.add_argument("--json", action="store_true", help="as JSON, with the whole cards")
    parser.set_defaults(run=show)


def run(args: argparse.Namespace) -> int:
    """0."""
    with registry() as settings:
        found = models.registered(settings, limit=args.limit)
    if args.json:
        _json(found)
    else:
        tables.show(console, listing(found))
    return 0


def show(args: argparse.Namespace) -> int:
    """0."""
    with registry() as settings:
        found = models.registered(settings, args.name, MOST_ROWS)
    if not found:
        raise UserError(f"{args.name}: no model is registered so: `risk model list` has them all")
    if args.json:
        _json(found)
    else:
        tables.show(console, listing(found), figures(found[0]))
    return 0


def listing(found: Sequence[Registered]) -> Table:
    """A row for each model."""
    table = Table(
        Column("model", least=8),
        "file",
        "status",
        Column("kind", rank=2),
        Column("set", rank=4),
        Column("registered", rank=1),
        Column("note", least=8, rank=3),
        title="models",
    )
    for one in found:
        table.row(
            one.name,
            one.sha256[:MODEL_FILE_DIGITS],
            Styled(one.status, STYLES.get(one.status, "")),
            one.kind,
            one.set_sha256[:MODEL_FILE_DIGITS],
            moment(one.created_at),
            one.note,
        )
    return table


def figures(one: Registered) -> Table:
    """What a model's card says that it is worth."""
    title = f"{one.name}, file {one.sha256[:MODEL_FILE_DIGITS]}: on its held-out days"
    named = ("value", "from", "to")
    table = Table("figure", *(Column(name, right=True) for name in named), title=title)
    known = one.card.get("figures")
    for name, value in known.items() if isinstance(known, Mapping) else ():
        cells = (plain(value.get(part)) for part in ("value", "low", "high"))
        table.row(NAMES.get(name, name), *cells)
    if not one.card:
        table.note = "registered without a card: `risk model register FILE --card CARD` adds one"
    return table


def _json(found: Sequence[Registered]) -> None:
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
