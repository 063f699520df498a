"""`risk down`: stop the embedded servers."""

from __future__ import annotations

import argparse

from risk.cli.common import say
from risk.cli.up import add_only
from risk.errors import StackError, UserError
from risk.ops.settings import home, load_settings
from risk.stack.up import ALL, down


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk down`."""
    text = "stop the embedded servers; their data stays"
    parser = subparsers.add_parser("down", help="stop the embedded servers", description=text)
    add_only(parser, ALL)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 once none of them runs."""
    settings = load_settings()
    try:
        down(settings, home(settings), args.only, say)
    except StackError as error:
        raise UserError(str(error)) from None
    return 0
