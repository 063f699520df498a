"""`risk secrets`: the passwords of a secure stack."""

from __future__ import annotations

import argparse

from risk.cli.common import say
from risk.cli.parsing import some_of
from risk.errors import StackError, UserError
from risk.ops.settings import home, load_settings
from risk.stack.rotation import SERVERS, rotate


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk secrets`."""
    text = "the passwords of a stack that was made with `risk up --secure`"
    parser = subparsers.add_parser("secrets", help=text, description=text)
    actions = parser.add_subparsers(metavar="action", required=True)
    again = "give each account another password, while servers, jobs and the console run"
    one = actions.add_parser("rotate", help=again, description=again)
    one.add_argument(
        "--only",
        type=some_of(tuple(SERVERS), "no accounts of"),
        default=tuple(SERVERS),
        metavar="NAMES",
        help=f"some of {','.join(SERVERS)} (default: all of them)",
    )
    one.set_defaults(run=run_rotate)


def run_rotate(args: argparse.Namespace) -> int:
    """0 once each account has another password."""
    settings = load_settings()
    try:
        for account in rotate(settings, home(settings), args.only):
            say(f"{account} has another password")
    except StackError as error:
        raise UserError(str(error)) from None
    return 0
