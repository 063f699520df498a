"""`risk backup`: write the topics and Postgres into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from risk.cli.common import say
from risk.ops.backup.make import backup
from risk.ops.settings import settings_with_passwords


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk backup`."""
    parser = subparsers.add_parser(
        "backup",
        help="write all topics and Postgres into a folder",
        description="Write all records of all topics, and all rows of Postgres, into a folder, "
        "while everything goes on. Redis and Elasticsearch are views, which `risk rebuild` makes.",
        epilog="example: risk backup /backups/2026-03-01",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="empty, or not there yet")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 once it is whole."""
    made = backup(settings_with_passwords("owner"), args.folder)
    for topic in made.topics.values():
        say(f"{topic.name}: {topic.file.rows:,} records")
    say(f"Postgres: all rows, of {len(made.migrations)} migrations\n{args.folder} is whole")
    return 0
