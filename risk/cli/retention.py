"""`risk retention`: remove from stores what is older than their retention."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime

import msgspec
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from risk.cli.common import console
from risk.cli.tables import Column, Table, show
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import UserError
from risk.ops.retention import Applied, apply, limits, look
from risk.ops.settings import settings_with_passwords
from sinks import registry
from sinks.store import Expired

EPILOG = """\
postgres.retention_days and elasticsearch.retention_days say how old a payment
may be, by its event time. Postgres gives up scores, hits and archived payments,
without those of cases that aren't closed; Elasticsearch gives up whole months.
Verdicts, cases and trails stay. Run it by a timer: again it goes on where it
was interrupted, and finds nothing where nothing is due.

examples:
  risk retention apply --dry-run
  risk retention apply
  risk retention apply --store elasticsearch --json
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk retention`."""
    text = "remove from Postgres and Elasticsearch what is older than their retention"
    parser = subparsers.add_parser(
        "retention",
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    steps = parser.add_subparsers(metavar="step", required=True)
    one = steps.add_parser("apply", help="remove it", description="Remove it.")
    one.add_argument("--dry-run", action="store_true", help="count, and change nothing")
    one.add_argument("--store", choices=registry.names(), help="only this one (default: all)")
    one.add_argument("--json", action="store_true", help="print the result as JSON")
    one.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0; what a store that is away keeps is removed the next time."""
    settings = settings_with_passwords("ops")
    now = time.time_ns() // 1_000_000
    due = limits(settings, now, (args.store,) if args.store else ())
    done: list[Applied] = []
    away: list[str] = []
    for name, upto in due.items():
        try:
            done.append(
                look(settings, name, upto) if args.dry_run else _apply(args, settings, name, upto)
            )
        except Unavailable as error:  # the others are not held up by it
            away.append(str(error))
    if args.json:
        sys.stdout.write(msgspec.json.encode(done).decode() + "\n")
    else:
        _show(done, args.dry_run)
    if away:
        raise UserError(f"{'; '.join(away)}: once it is back, run it again: it goes on")
    return 0


def _apply(args: argparse.Namespace, settings: Settings, name: str, upto: int) -> Applied:
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()
    hidden = args.json or not console.is_terminal
    with Progress(
        *columns, TimeRemainingColumn(), console=console, transient=True, disable=hidden
    ) as progress:
        task = progress.add_task(name, total=None)

        def report(step: Expired) -> None:
            progress.update(task, total=step.total, completed=step.done)

        return apply(settings, name, upto, report)


def _show(done: list[Applied], dry: bool) -> None:
    title = "would be removed" if dry else "removed"
    table = Table("store", "before", "what", Column("count", right=True), title=title)
    for one in done:
        before = datetime.fromtimestamp(one.upto / 1000, UTC).isoformat(" ", "seconds")
        for what, count in one.removed.items() or [("nothing", 0)]:
            table.row(one.store, before, what, count)
    show(console, table)
