"""`risk warm-up`: brokers and Flink get warm before jobs take traffic."""

from __future__ import annotations

import argparse

from risk.cli.common import number, say
from risk.errors import StackError, UserError
from risk.ops.settings import home, load_settings
from risk.ops.warm_up import warm_up
from risk.stack.flink_rest import FlinkUnavailable
from risk.stack.secrets import with_generated

LONGEST_S = 600.0
FASTEST = 10_000.0


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk warm-up`."""
    text = (
        "let a scoring job that counts for nothing score synthetic payments, on topics that are "
        "removed afterwards: servers that were just started are slow at first"
    )
    parser = subparsers.add_parser("warm-up", help="warm the servers up", description=text)
    parser.add_argument("--seconds", type=number(1, LONGEST_S), default=15.0, help="default: 15")
    parser.add_argument(
        "--rate", type=number(1, FASTEST), default=500.0, help="default: 500 a second"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: payments were scored."""
    settings = load_settings()
    data = home(settings)
    try:
        scored = warm_up(with_generated(settings, data), data, args.seconds, args.rate, say)
    except (StackError, FlinkUnavailable) as error:
        raise UserError(f"{error}: is the stack up? risk up") from None
    if not scored:
        raise UserError(
            "nothing was scored meanwhile: give it more --seconds, or see `risk status`"
        )
    say(f"{scored:,} payments were scored, and are forgotten")
    return 0
