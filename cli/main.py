"""`risk …`: one module a command, listed here in the order of `risk --help`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from cli.common import UserError
from cli.parsing import Parser, add_examples

COMMANDS: tuple[str, ...] = (
    "demo",
    "up",
    "down",
    "status",
    "provision",
    "migrate",
    "warm_up",
    "submit",
    "generate",
    "rules",
    "verify",
    "prove",
    "runs",
    "replay",
    "diff",
    "promote",
    "rollback",
    "audit",
    "dlq",
    "rebuild",
    "exporter",
    "bench",
)


def parser(names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The argument tree of these commands."""
    root = Parser(prog="risk", description="Real-time fraud and risk scoring.")
    subparsers = root.add_subparsers(metavar="command", required=True)
    for name in names:
        importlib.import_module(f"cli.{name}").register(subparsers)
    add_examples(subparsers)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    # One command's module: those of all take more than a second to import.
    named = [name for name in COMMANDS if [name.replace("_", "-")] == list(argv[:1])]
    try:
        args = parser(named or COMMANDS).parse_args(argv)
        code: int = args.run(args)
    except UserError as error:
        print(f"risk: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code
