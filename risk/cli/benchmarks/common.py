"""What every benchmark's command needs: arguments, the ruleset, and one way to show a result."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

import msgspec

from risk.cli import tables
from risk.cli.common import console
from risk.cli.tables import Column, Table
from risk.config.settings import Settings, without_secrets
from risk.engine.rules import InvalidRuleset, Ruleset
from risk.errors import UserError
from risk.ops.ruleset_folder import find_folder, read_folder
from risk.stack.machine import machine


def parser(
    benchmarks: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    text: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    """A benchmark's parser, with what all of them take."""
    found = benchmarks.add_parser(name, help=text, description=text)
    found.add_argument("--json", action="store_true", help="print one JSON object")
    found.set_defaults(run=run)
    return found


def add_ruleset(parser: argparse.ArgumentParser) -> None:
    """Add which ruleset is measured."""
    text = "a ruleset's name or folder (default: of the settings)"
    parser.add_argument("--ruleset", type=_name, help=text)


def _name(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("it is empty: name a ruleset, or leave it out")
    return text


def ruleset(settings: Settings, asked: str | None = None) -> Ruleset:
    """The ruleset that is `asked` for, else that of the settings. Raises `UserError`."""
    name = asked or settings.scoring.ruleset
    try:
        return read_folder(find_folder(name))
    except InvalidRuleset as error:
        raise UserError(f"ruleset {name}: {error}") from None


def show(args: argparse.Namespace, name: str, settings: Settings, result: Any) -> int:
    """Print a result with what it was measured on, as a table or as one JSON object."""
    if args.json:
        asked = {k: v for k, v in vars(args).items() if k not in ("run", "json")}
        whole = {
            "benchmark": name,
            **msgspec.to_builtins(result),
            "asked": asked,
            "machine": msgspec.to_builtins(machine()),
            "settings": msgspec.to_builtins(without_secrets(settings)),
        }
        sys.stdout.write(msgspec.json.encode(whole).decode() + "\n")
        return 0
    table = Table(
        Column("figure", least=30), Column("value", right=True), title=f"risk bench {name}"
    )
    _rows(table, msgspec.to_builtins(result), "")
    tables.show(console, table)
    console.print(f"{machine().cores} cores, {machine().processor}, load {machine().load_1m}")
    return 0


def _rows(table: Table, value: Any, path: str) -> None:
    """One row a figure, nested ones under their path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            _rows(table, inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for index, inner in enumerate(value):
            _rows(table, inner, f"{path}[{index}]")
    else:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        table.row(path, value if number else str(value))
