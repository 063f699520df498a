"""`risk up`: start the embedded servers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from msgspec.structs import replace

from risk.cli.common import say
from risk.cli.parsing import some_of
from risk.errors import StackError, UserError
from risk.ops.settings import home, load_settings
from risk.stack import kafka_nodes
from risk.stack.up import ALL, OPTIONAL, SERVERS, up


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk up`."""
    text = "start the embedded servers that aren't running, and wait until they are healthy"
    parser = subparsers.add_parser("up", help="start the embedded servers", description=text)
    add_only(parser, SERVERS)
    parser.add_argument(
        "--with",
        dest="extra",
        type=some_of(ALL, "no server"),
        default=(),
        metavar="NAMES",
        help=f"those named so as well; there is {', '.join(OPTIONAL)}",
    )
    parser.add_argument(
        "--brokers",
        type=_brokers,
        metavar="N",
        help="how many Kafka brokers; from 3 on each record is on three "
        "(default: as many as there are data of, else kafka.brokers)",
    )
    parser.add_argument(
        "--secure",
        action="store_true",
        help="with TLS and an account for each role, settled when the data folder is made",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 once all are healthy."""
    settings = load_settings()
    data = home(settings)
    try:
        if args.brokers:
            kafka_nodes.check(data, args.brokers)
            settings = replace(settings, kafka=replace(settings.kafka, brokers=args.brokers))
        up(settings, data, (*args.only, *args.extra), say, args.secure)
    except StackError as error:
        raise UserError(str(error)) from None
    return 0


def add_only(parser: argparse.ArgumentParser, default: Sequence[str]) -> None:
    """Add `--only`: names with commas between."""
    parser.add_argument(
        "--only",
        type=some_of(ALL, "no server"),
        default=default,
        metavar="NAMES",
        help=f"some of {','.join(ALL)} (default: {','.join(default)})",
    )


def _brokers(text: str) -> int:
    if text not in tuple("123456789"):
        raise argparse.ArgumentTypeError("a number from 1 to 9")
    return int(text)
