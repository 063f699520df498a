"""`risk model daily`: retrain, let the candidate through the gate or say why not, shadow it."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from risk.audit.moments import DAY_DIGITS, moment
from risk.cli import tables
from risk.cli.common import console, note
from risk.cli.models.postgres import registry
from risk.cli.tables import Column, Table
from risk.engine.features.catalogue import DAY
from risk.errors import UserError
from risk.ops.settings import home
from risk.paths import ROOT
from risk.verify.quality.card import plain
from risk.verify.retrain.daily import STEPS, Daily, Judged
from risk.verify.retrain.gate import small
from risk.verify.retrain.plan import Plan, read

FAILED = 1
USUAL = "retrain.yaml"


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = (
        "retrain for a day by the steps " + ", ".join(STEPS) + "; a day that was cut off goes on, "
        "and one that is done is left as it is; 1 if the candidate doesn't pass the gate"
    )
    parser = actions.add_parser("daily", help="retrain, judge, and shadow", description=text)
    parser.add_argument(
        "--day", metavar="DATE", help="what is known when it begins is known (default: today, UTC)"
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=ROOT / USUAL,
        metavar="FILE",
        help=f"the plan (default: {USUAL})",
    )
    parser.add_argument(
        "--until", choices=STEPS, default=STEPS[-1], help="the last step (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print what the gate said")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0; 1 if the gate isn't passed."""
    plan = read(args.config)
    day = _day(args.day, time.time_ns() // 1_000_000)
    named = datetime.fromtimestamp(day / 1_000, UTC).date().isoformat()
    with registry() as settings:
        place = ROOT / plan.folder / plan.model / named
        daily = Daily(settings, home(settings), plan, day, place, note)
        ruling = daily.run(args.until)
        if ruling is None:
            return 0
        judged = daily.judged()
        if args.json:
            sys.stdout.write(msgspec.json.encode(judged).decode() + "\n")
        else:
            _show(judged, plan)
        if not ruling.passed:
            return FAILED
        if daily.journal.has("shadow") and not args.json:
            done = daily.shadowed()
            console.print(
                f"{done.ruleset} has it, for {plan.traffic}: commit {', '.join(done.files)}, then "
                f"`risk promote {plan.ruleset}`",
                soft_wrap=True,
            )
            for name in done.heirs:
                console.print(f"{name} extends it: raise its version and lock it, too")
    return 0


def _day(text: str | None, now: int) -> int:
    """Its beginning, in ms UTC. Raises `UserError`."""
    if text is None:
        return now // DAY * DAY
    found = moment(text)
    if found is None or found % DAY or len(text) < DAY_DIGITS:
        raise UserError(f"--day {text}: use a day such as 2026-11-30")
    if found > now:
        raise UserError(f"--day {text}: it is still to come: nothing is known of it")
    return found


def _show(judged: Judged, plan: Plan) -> None:
    found = judged.measured
    table = Table(Column("what", least=20), Column("is", least=12), "has to be", title="the gate")
    table.row("F1", plain(found.f1), f"above {plan.gate.f1_above:g}")
    table.row("frauds", found.frauds, f"{plan.gate.frauds:,} or more")
    table.row(f"better than {found.champion} by", ", ".join(found.better) or "nothing", "a figure")
    table.row("worse by", ", ".join(found.worse) or "nothing", "nothing")
    tables.show(console, table)
    if few := small(found.groups, plan.gate):
        console.print(f"too few frauds to judge: {', '.join(few)}", soft_wrap=True)
    console.print("passed" if judged.ruling.passed else "not passed:")
    for reason in judged.ruling.reasons:
        console.print(f"- {reason}", soft_wrap=True)
