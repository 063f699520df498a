"""`risk restore`: bring a backup back onto an empty stack."""

from __future__ import annotations

import argparse
from pathlib import Path

from risk.cli.common import say
from risk.ops.backup.bring_back import restore
from risk.ops.settings import settings_with_passwords

NEXT = """\
next: risk rebuild postgres --keep --yes, and the same of feedback; risk rebuild redis --yes, and
the same of elasticsearch; risk submit all --anew, which decides every payment again"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk restore`."""
    parser = subparsers.add_parser(
        "restore",
        help="bring a backup back onto an empty stack",
        description="Bring back what `risk backup` wrote: the topics' records, each in its "
        "partition and order, and Postgres' rows. Refused unless both are empty.",
        epilog="example: risk restore /backups/2026-03-01",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="that of the backup")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 once all of it is there."""
    done = restore(settings_with_passwords("owner"), args.folder)
    for topic, count in done.records.items():
        moved = done.moved.get(topic, 0)
        say(f"{topic}: {count:,} records" + (f", {moved:,} at another offset" if moved else ""))
    say(f"Postgres: all rows\n{NEXT}")
    return 0
