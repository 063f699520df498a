"""`risk runs`: which scoring jobs ran what, on which part of the stream, and what came of it."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

import msgspec

from risk.cli.common import console, whole
from risk.cli.tables import Column, Styled, Table, show
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops import metadata
from risk.ops.rulesets import tag
from risk.ops.settings import home, load_settings
from risk.registry import activations, runs
from risk.registry.activations import Activation
from risk.registry.runs import Run
from risk.stack.secrets import with_generated

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
        settings = with_generated(settings, home(settings))  # it notes how far those that run are
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
    ran = Table(
        "run",
        Column("ruleset", least=12),
        "state",
        Column("started", rank=2),
        Column("took", right=True, rank=4),
        Column("records", rank=3),
        Column("scored", rank=1),
        *(Column(name, rank=5) for name in ("late", "rejected", "duplicate")),
        title="runs",
    )
    for one in found.runs:
        name = tag(one.ruleset, one.ruleset_version)
        ran.row(
            one.run_id,
            f"{name} + {one.shadow}" if one.shadow else name,
            Styled(one.state, STATES.get(one.state, "")),
            _time(one.started_at),
            _took(one),
            *(one.counts.get(c) for c in ("consumed", "scored", "late", "rejected", "duplicate")),
        )
    active = Table("since", "ruleset", Column("by", least=12), title="active rulesets")
    for activation in found.activations:
        name = tag(activation.ruleset, activation.version)
        active.row(_time(activation.since), name, activation.how)
    show(console, ran, active)


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _took(one: Run) -> str:
    if one.started_at is None or one.ended_at is None:
        return ""
    return str(one.ended_at - one.started_at).partition(".")[0]
