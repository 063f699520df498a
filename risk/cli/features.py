"""`risk features show`: what rules of a ruleset can look at, and the code it is computed by."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from risk.cli import tables
from risk.cli.common import console
from risk.cli.tables import Column, Table
from risk.engine.features.built_in import DECLARATIONS
from risk.engine.features.feature_set import FeatureSet
from risk.engine.rules import Ruleset, spans
from risk.engine.rules.declaration import Declaration
from risk.engine.rules.tree import render
from risk.errors import UserError
from risk.ops.ruleset_folder import find_folder, read_folder


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk features show`."""
    parser = subparsers.add_parser("features", help="show a ruleset's features and their code")
    actions = parser.add_subparsers(metavar="action", required=True)
    text = "all features that a ruleset's rules can read, declared ones first"
    action = actions.add_parser("show", help=text, description=text)
    action.add_argument(
        "ruleset",
        nargs="?",
        help="a ruleset's name or its folder (default: scoring.ruleset of the settings)",
    )
    action.add_argument(
        "--code", action="store_true", help="print what the declared ones are compiled to"
    )
    action.set_defaults(run=show)


def show(args: argparse.Namespace) -> int:
    """Print a table of them, or their code."""
    ruleset = read_folder(find_folder(args.ruleset))
    if args.code:
        if not ruleset.features:
            raise UserError(f"{ruleset.name} declares no features: see docs/features.md")
        for line in _code(ruleset):
            print(line)
        return 0
    table = Table("feature", "type", Column("of", least=12), Column("says", least=16))
    for one in (*ruleset.features, *DECLARATIONS):
        table.row(one.name, one.type, definition(one), one.about)
    tables.show(console, table)
    return 0


def definition(one: Declaration) -> str:
    """A declaration in a line: `sum(amount) by merchant_id in 10m where channel == "web"`."""
    value = f"{one.value}({_name(one.of)})" if one.of else one.value
    span = f"session {spans.shown(one.session)}" if one.session else spans.shown(one.window)
    step = f" by {spans.shown(one.step)}" if one.step else ""
    where = f" where {render(one.where)}" if one.where is not None else ""
    key = "+".join(map(_name, one.key))
    other = "" if one.without_key is None else f", without {key} {json.dumps(one.without_key)}"
    return f"{value} of {key} in {span}{step}{where}{other}"


def _name(field: str) -> str:
    """A field, or an attribute without its type."""
    return field.partition(":")[0]


def _code(ruleset: Ruleset) -> Iterator[str]:
    for number, code in enumerate(FeatureSet(ruleset.features).keys):
        yield from ("\n",) if number else ()
        yield f"# {'verdicts by' if code.of_verdicts else 'key'} {', '.join(code.key)}"
        for bit, condition in enumerate(code.remembered.conditions):
            if f"flags & {1 << bit}:" in code.code:
                yield f"# flags & {1 << bit}: {condition.text}"
        yield f"\n\n{code.code}"
