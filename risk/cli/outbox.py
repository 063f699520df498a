"""`risk outbox`: what other systems are told of cases, and what was given up."""

from __future__ import annotations

import argparse
import sys

import msgspec

from risk.cli import tables
from risk.cli.common import console, say, whole
from risk.cli.tables import Column, Table
from risk.errors import UserError
from risk.ops.outbox.send import entries, resend
from risk.ops.settings import settings_with_passwords
from risk.registry.outbox import STATES

EPILOG = """\
examples:
  risk outbox                     the latest, and what became of each
  risk outbox list --state dead
  risk outbox resend 17 18
  risk outbox resend --all
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk outbox`."""
    parser = subparsers.add_parser(
        "outbox",
        help="what webhooks, Slack and PagerDuty are told of cases",
        description="What destinations are told of cases: list it, send again what was given up.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    own = parser.add_subparsers(metavar="action")
    text = "list the latest (the default)"
    listing = own.add_parser("list", help=text, description="List what destinations are told.")
    listing.add_argument("--state", action="append", choices=STATES, help="may be repeated")
    listing.add_argument("--limit", type=whole(1, 10_000), default=20, metavar="N")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(run=run_list)
    parser.set_defaults(**vars(listing.parse_args([])))
    text = "send again what was given up"
    again = own.add_parser("resend", help=text, description=f"{text[0].upper()}{text[1:]}.")
    again.add_argument("ids", nargs="*", type=whole(1, 2**63 - 1), metavar="ID")
    again.add_argument("--all", action="store_true", help="all of it")
    again.set_defaults(run=run_resend)


def run_list(args: argparse.Namespace) -> int:
    """0."""
    found = entries(settings_with_passwords("console"), args.state or STATES, args.limit)
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return 0
    table = Table(
        "id", "case", "destination", "action", "state", "attempts",
        Column("since, UTC", rank=2), Column("error", least=10, rank=1),
    )  # fmt: skip
    for one in found:
        table.row(
            *(str(one.id), str(one.case_id), one.destination, one.action, one.state),
            *(one.attempts, f"{one.since:%Y-%m-%d %H:%M:%S}", one.error),
        )
    if found:
        tables.show(console, table)
    else:
        print("nothing is told to anybody", file=sys.stderr)
    return 0


def run_resend(args: argparse.Namespace) -> int:
    """0."""
    if bool(args.ids) == args.all:
        raise UserError("name what is to be sent again by its id, or say --all")
    sent = resend(settings_with_passwords("console"), None if args.all else args.ids)
    say(f"{sent:,} are sent again")
    return 0
