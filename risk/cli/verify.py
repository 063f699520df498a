"""`risk verify`: recompute every score by brute force and compare every output with it."""

from __future__ import annotations

import argparse
import sys

import msgspec

from risk.cli.common import console, number
from risk.cli.tables import Column, Styled, Table, show
from risk.errors import UserError
from risk.ops.settings import load_settings
from risk.paths import ROOT
from risk.verify.coverage import of_ruleset, of_run
from risk.verify.verification import Report, verify
from sinks import registry

UNJUDGED = 3


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk verify`."""
    text = "recompute every score by brute force and compare it with the topics and the stores"
    parser = subparsers.add_parser("verify", help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--ruleset", help="a ruleset's name, or name:version (default: the active one)"
    )
    parser.add_argument("--run", dest="run_id", metavar="RUN", help="only what a replay has scored")
    parser.add_argument(
        "--stores",
        default=",".join(registry.delivery_names()),
        help="what to compare, comma-separated, or none (default: %(default)s)",
    )
    parser.add_argument(
        "--wait",
        type=number(0, 86_400),
        default=0.0,
        metavar="SECONDS",
        help="how long outputs may take to catch up (default: 0)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: everything agrees; 1: something differs; 3: what differs can't be judged any more."""
    from risk.stack.process import Home
    from risk.stack.secrets import with_generated

    settings = load_settings()
    stores = _stores(args.stores)
    home = Home(ROOT / settings.data_dir)
    settings = with_generated(settings, home, "reader")
    if args.run_id:
        ruleset, part = of_run(settings, home, args.run_id)
    else:
        ruleset, part = of_ruleset(settings, home, args.ruleset)
    if args.run_id:  # a replay isn't where only what is live is
        every = {entry.name for entry in registry.STORES if not entry.live_only}
        stores = tuple(name for name in stores if name in every)
    report = verify(settings, ruleset, stores, args.wait, part)
    if args.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _show(report)
        if report.mismatches and not args.wait:
            console.print(
                "Do payments come? Outputs are a moment behind: --wait 60 lets them catch up"
            )
    return 1 if report.mismatches else UNJUDGED if report.unjudged else 0


def _stores(text: str) -> tuple[str, ...]:
    names = () if text == "none" else tuple(name.strip() for name in text.split(","))
    for name in names:
        try:
            registry.delivery(name)
        except LookupError as error:
            raise UserError(f"--stores: {error.args[0]}, or none") from None
    return names


def _show(report: Report) -> None:
    title = f"ruleset {report.ruleset} version {report.ruleset_version}"
    table = Table("what", Column("count", right=True), title=title)
    for name in ("events", "scored", "elsewhere", "duplicate", "late", "rejected"):
        table.row(name, getattr(report, name))
    for reason, count in report.rejected_by_reason.items():
        table.row(f"  {reason}", count)
    for name in ("conflicts", "corrections", "repeated"):
        table.row(name, getattr(report, name))
    if report.erased:
        table.row("erased", report.erased)
    table.section()
    for name, store in report.stores.items():
        table.row(f"rows in {name}", store.rows)
        if store.mismatches:
            table.row("  wrong", store.mismatches)
        if store.expired:
            table.row("  past its retention", store.expired)
    colour = "red" if report.mismatches else "green"
    table.row("mismatches", Styled(report.mismatches, colour))
    show(console, table)
    if report.gone:
        console.print(_gone(report), soft_wrap=True)
    elif report.unjudged:
        console.print(
            f"{report.unjudged:,} scores differ and say so: their job was to read less than there "
            "is (since), so they can't be judged",
            soft_wrap=True,
        )
    for problem in report.first:
        console.print(problem, markup=False, soft_wrap=True)


def _gone(report: Report) -> str:
    parts = ", ".join(f"partition {p}: before {low:,}" for p, low in sorted(report.gone.items()))
    return (
        f"records are no longer in the topic ({parts}): scores that they are history of can't be "
        f"computed again, and {report.unjudged:,} differences can't be judged"
    )
