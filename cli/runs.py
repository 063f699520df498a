"""`risk runs`: which scoring jobs ran what, on which part of the stream, and what came of it."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

import msgspec
from rich.table import Table
from rich.text import Text

from cli import metadata
from cli.common import UserError, console, load_settings, whole
from cli.rulesets import tag
from cli.up import home
from risk.delivery import Unavailable
from sinks import activations, runs
from sinks.activations import Activation
from sinks.runs import Run
from stack.process import StackError
from stack.secrets import with_generated

STATES = {"running": "green", "finished": "", "stopped": "yellow", "failed": "red"}


class Listing(msgspec.Struct):
    """The latest runs, and which ruleset counted from when on, the latest first."""

    runs: list[Run]
    activations: list[Activation]


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk runs`."""
    text = "list the scoring jobs, live ones and replays, and which ruleset was active when"
    parser = subparsers.add_parser("runs", help="list the scoring jobs", description=text)
    parser.add_argument(
        "--limit", type=whole(1, 1_000_000), default=20, help="how many (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0."""
    settings = load_settings()
    try:
        settings = with_generated(settings, home(settings))
        metadata.refresh(settings)
        limit = max(1, args.limit)
        found = Listing(runs.list_runs(settings, limit), activations.history(settings, limit))
    except (Unavailable, StackError) as error:
        raise UserError(str(error)) from None
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        _show(found)
    return 0


def _show(found: Listing) -> None:
    table = Table(title="runs")
    for column in ("run", "ruleset", "state", "started", "took"):
        table.add_column(column, overflow="fold")
    for column in ("records", "scored", "late", "rejected", "duplicate"):
        table.add_column(column, justify="right")
    for one in found.runs:
        name = tag(one.ruleset, one.ruleset_version)
        table.add_row(
            one.run_id,
            f"{name} + {one.shadow}" if one.shadow else name,
            Text(one.state, STATES.get(one.state, "")),
            _time(one.started_at),
            _took(one),
            *(
                f"{one.counts[name]:,}" if name in one.counts else ""
                for name in ("consumed", "scored", "late", "rejected", "duplicate")
            ),
        )
    console.print(table)
    table = Table(title="active rulesets")
    for column in ("since", "ruleset", "by"):
        table.add_column(column)
    for activation in found.activations:
        name = tag(activation.ruleset, activation.version)
        table.add_row(_time(activation.since), name, activation.how)
    console.print(table)


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _took(one: Run) -> str:
    if one.started_at is None or one.ended_at is None:
        return ""
    return str(one.ended_at - one.started_at).partition(".")[0]
