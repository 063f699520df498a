"""`risk model deployments`: which models answered for whom, and since when."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from risk.audit import moments
from risk.cli import tables
from risk.cli.common import console, whole
from risk.cli.models.postgres import MOST_ROWS, moment, registry
from risk.cli.tables import Column, Table
from risk.engine.messages import MODEL_FILE_DIGITS
from risk.engine.models.rollout import percent
from risk.errors import UserError
from risk.ops.rulesets import tag
from risk.registry import activations
from risk.registry.deployments import Deployment, deployments


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = "list which models rulesets brought when they became active, the latest first"
    parser = actions.add_parser(
        "deployments", help="list which models were live when", description=text
    )
    parser.add_argument(
        "--at", metavar="TIME", help="only those that were live then: ISO 8601, UTC by default"
    )
    parser.add_argument(
        "--limit", type=whole(1, MOST_ROWS), default=20, help="how many (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0."""
    then = _moment(args.at) if args.at is not None else None
    title = "deployments"
    with registry() as settings:
        if then is None:
            found = deployments(settings, limit=args.limit)
        else:
            active = activations.at(settings, then)
            if active is None:
                raise UserError(f"--at {args.at}: no ruleset was active then: `risk runs` has all")
            found = deployments(settings, active.id, args.limit)
            title = f"live at {moment(then)}: {tag(active.ruleset, active.version)}"
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        tables.show(console, listing(found, title))
    return 0


def listing(found: Sequence[Deployment], title: str) -> Table:
    """A row for each arm."""
    table = Table(
        "since",
        Column("ruleset", least=8),
        Column("asked", least=8),
        "arm",
        Column("decided by", least=8),
        "file",
        Column("share", right=True),
        Column("run", rank=1),
        Column("from offsets", rank=2),
        title=title,
    )
    for one in found:
        offsets = sorted(one.offsets.items(), key=lambda each: int(each[0]))
        table.row(
            moment(one.since),
            tag(one.ruleset, one.version),
            one.asked,
            one.arm,
            one.model,
            one.sha256[:MODEL_FILE_DIGITS],
            percent(one.share),
            one.run_id,
            ",".join(f"{partition}:{offset}" for partition, offset in offsets),
        )
    if not found:
        table.note = (
            "none is noted: rulesets without models are in `risk runs`, and nothing is known of "
            "what was live before `risk migrate` made the table"
        )
    return table


def _moment(text: str) -> datetime:
    found = moments.moment(text)
    if found is None:
        raise UserError(f"--at {text}: write a moment such as 2026-11-01T12:00, in UTC")
    try:
        return datetime.fromtimestamp(found / 1_000, UTC)
    except (ValueError, OverflowError, OSError):
        raise UserError(f"--at {text}: out of the range of dates") from None
