"""`risk diff`: what another ruleset decides otherwise, why, and whether that is better."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from risk.cli.common import console
from risk.cli.diff_page.page import page
from risk.cli.diff_show import show
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops.rulesets import choose
from risk.ops.settings import home, load_settings
from risk.stack.secrets import with_generated
from risk.verify.diff.build import build


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk diff`."""
    text = (
        "compare what two rulesets, or two versions of one, have decided on the same events: live, "
        "in the shadow or by a replay"
    )
    parser = subparsers.add_parser("diff", help="compare two rulesets' decisions", description=text)
    parser.add_argument("a", help="a ruleset's name, or name:version")
    parser.add_argument("b", help="the one to compare with it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one page with plots")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: every flip is explained; 1: some are not."""
    settings = load_settings()
    data = home(settings)
    try:
        settings = with_generated(settings, data, "reader")
        a, b = (choose(settings, data, name, "diff") for name in (args.a, args.b))
        if a.key == b.key:
            raise UserError(f"{args.a} and {args.b} are the same: name another version")
        report = build(settings, a, b)
    except (Unavailable, StackError) as error:
        raise UserError(str(error)) from None
    if args.html:
        try:
            args.html.write_text(page(report), encoding="utf-8")
        except OSError as error:
            raise UserError(f"--html: {args.html}: {error.strerror}") from None
    if args.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        show(console, report)
        if args.html:
            console.print(f"the page is {args.html}", markup=False, soft_wrap=True)
    return 1 if report.unexplained else 0
