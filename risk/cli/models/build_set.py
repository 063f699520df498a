"""`risk model build-set`: payments as scoring saw them, with what was known of them later."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from risk.audit.moments import shown
from risk.cli import tables
from risk.cli.common import console, note
from risk.cli.models.postgres import registry
from risk.cli.tables import Column, Table
from risk.errors import UserError
from risk.ops.models.sets.build import Request, build
from risk.ops.models.sets.manifest import Manifest, beside, encode
from risk.ops.models.sets.terms import terms
from risk.ops.settings import home

REASONS = {
    "late": "payments that were late: they have no features",
    "not_mature": "payments too young to have an outcome",
    "scored_otherwise": "scores of the range by others: another ruleset, the shadow, replays",
    "unreadable_scores": "records that are no scores",
    "feedback_on_others": "verdicts on other payments",
}


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = (
        "write a training set: the settled scores of a time, with their features as they were "
        "logged, and the verdicts that were known at --as-of; a manifest is written beside it"
    )
    parser = actions.add_parser("build-set", help="write a training set", description=text)
    parser.add_argument("out", type=Path, metavar="OUT.parquet")
    parser.add_argument(
        "--from",
        dest="begin",
        required=True,
        metavar="TIME",
        help="the first event time: ISO 8601, or ms UTC",
    )
    parser.add_argument(
        "--to", required=True, metavar="TIME", help="up to when; a day is taken to its end"
    )
    parser.add_argument(
        "--as-of", metavar="TIME", help="when verdicts have to be known (default: now)"
    )
    parser.add_argument(
        "--mature",
        default="7d",
        metavar="TIME",
        help="how long a verdict may take: an older payment without one is honest, a younger one "
        "is left out (default: %(default)s)",
    )
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument(
        "--run", dest="run_id", default="", metavar="RUN", help="the scores of a replay"
    )
    whose.add_argument(
        "--ruleset",
        default="",
        metavar="NAME",
        help="the scores of a ruleset, its folder, or name:version (default: the live ones)",
    )
    parser.add_argument(
        "--versions",
        action="store_true",
        help="the live scores of all versions of --ruleset, which must have the same features",
    )
    parser.add_argument("--json", action="store_true", help="print the manifest")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0."""
    if args.versions and not args.ruleset:
        raise UserError("--versions: of which ruleset is said by --ruleset NAME")
    now = time.time_ns() // 1_000_000
    asked = terms(args.begin, args.to, args.as_of, args.mature, now)
    request = Request(args.out, asked, args.run_id, args.ruleset, args.versions)
    with registry() as settings:
        manifest = build(settings, home(settings), request, note)
    if args.json:
        sys.stdout.write(encode(manifest).decode())
    else:
        _show(args.out, manifest)
    return 0


def _show(out: Path, manifest: Manifest) -> None:
    counts = manifest.counts
    table = Table(
        Column("what", least=20), Column("count", right=True), title=f"{out} of {manifest.tag}"
    )
    table.row("payments", counts.rows)
    table.row("fraud, as was said", counts.fraud)
    table.row("legitimate, as was said", counts.legitimate)
    table.row("honest, for nothing was said", counts.unlabelled)
    table.row("of these blocked: nobody can say", counts.blocked)
    if (control := counts.control) is not None:
        table.row("to be blocked, released: they stand for the others", control.released)
        table.row("to be blocked, not drawn: they don't count", control.not_drawn)
        table.row("to be blocked, beyond the caps: verdicts count", control.beyond_caps)
    table.section()
    for reason, count in counts.left_out.items():
        table.row(f"left out: {REASONS[reason]}", count)
    tables.show(console, table)
    as_of = manifest.terms.as_of
    console.print(f"verdicts are those of {shown(as_of)}: --as-of {as_of} gives them again")
    console.print(f"the manifest is {beside(out)}", soft_wrap=True)
