"""`risk chaos`: faults by chance on real servers under traffic, and whether anything was lost."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from risk.cli.chaos_show import line, show, show_plan
from risk.cli.common import console, note, number, whole
from risk.config.names import CONSOLE
from risk.errors import StackError, UserError
from risk.ops import files
from risk.ops.settings import load_settings
from risk.paths import ROOT
from risk.stack.flink_rest import FlinkUnavailable
from sinks import registry

if TYPE_CHECKING:
    from risk.verify.chaos.perform import Order

# Of a whole run alone: else `risk chaos --plan isolation …` would harm what it was to spare.
_NOT_OF_ISOLATION: Final = ("faults", "seed", "only", "plan", "here", "prompt", "wait", "report")
RATE, ISOLATION_RATE = 50.0, 100.0


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk chaos`."""
    text = (
        "kill, stop, freeze and empty servers under traffic in disorder, by a seed, on a stack "
        "of its own; at the end nothing may be lost, wrong or doubled"
    )
    parser = subparsers.add_parser("chaos", help="faults, and what is lost", description=text)
    parser.add_argument(
        "--faults", type=whole(1, 10_000), default=20, metavar="N", help="how many (20)"
    )
    parser.add_argument(
        "--seed", type=whole(0, 2**63 - 1), default=1, metavar="N", help="of plan and traffic (1)"
    )
    parser.add_argument("--rate", type=number(1, 5_000), help=f"events/s (default: {RATE:g})")
    parser.add_argument(
        "--only", default="", metavar="REGEX", help="faults like it: `kill-|freeze-store redis`"
    )
    parser.add_argument("--plan", action="store_true", help="print the plan, and do nothing")
    parser.add_argument(
        "--here",
        action="store_true",
        help="on the servers and jobs that run, without the faults that would harm what they hold",
    )
    parser.add_argument(
        "--prompt",
        type=number(0.1, 60),
        default=1.0,
        metavar="SECONDS",
        help="a payment is decided promptly within so long (default: %(default)g)",
    )
    parser.add_argument(
        "--wait",
        type=number(0, 86_400),
        default=300.0,
        metavar="SECONDS",
        help="how long outputs may take to catch up at the end (default: %(default)g)",
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="default: build/chaos-<seed>.json"
    )
    parser.set_defaults(run=run)
    _add_isolation(parser)


def _add_isolation(chaos: argparse.ArgumentParser) -> None:
    text = (
        "one store, or the console, away under load, on the running servers: latency of scores and "
        "of the other stores before, meanwhile and after, its lag, and when it has caught up"
    )
    subparsers = chaos.add_subparsers(metavar="isolation")
    parser = subparsers.add_parser("isolation", help="one store away", description=text)
    parser.add_argument(
        "--store", choices=(*registry.names(), CONSOLE), required=True, help="which"
    )
    parser.add_argument(
        "--how", choices=("freeze", "kill"), default="freeze", help="default: %(default)s"
    )
    parser.add_argument(
        "--seconds",
        type=whole(10, 3_600),
        default=180,
        help="how long it is away, and how long is measured before and after (180)",
    )
    # What both take counts wherever it stands: a default of its own would replace what was said
    # before `isolation`.
    unsaid = argparse.SUPPRESS
    parser.add_argument(
        "--rate",
        type=number(1, 100_000),
        default=unsaid,
        help=f"events/s (default: {ISOLATION_RATE:g})",
    )
    parser.add_argument(
        "--warmup", type=whole(0, 3_600), default=60, metavar="SECONDS", help="left out (60)"
    )
    parser.add_argument("--json", action="store_true", default=unsaid, help="print one JSON object")
    parser.set_defaults(run=partial(isolation, chaos))


def isolation(chaos: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """0: the store has caught up by itself; 1: it hasn't. Raises `UserError`."""
    check_isolation(chaos, args)
    from risk.cli.chaos_isolation import run as measured

    return measured(args)


def check_isolation(chaos: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Raise `UserError` for options of `chaos` alone; the rate, if none was said, is filled in."""
    for name in _NOT_OF_ISOLATION:
        if getattr(args, name) != chaos.get_default(name):
            raise UserError(f"--{name}: isolation has no use for it: leave it out")
    if args.rate is None:
        args.rate = ISOLATION_RATE


def run(args: argparse.Namespace) -> int:
    """0: nothing was lost, wrong or doubled, and all came back; 1: something was, or didn't."""
    # Late, because the stores' clients are slow to load.
    from risk.verify.chaos.perform import perform, planned

    settings, order = load_settings(), _order(args)
    if settings.kafka.bootstrap:
        raise UserError("kafka.bootstrap: chaos is for the embedded servers: leave it out")
    if args.plan:
        actions = planned(settings, order)
        if args.json:
            sys.stdout.write(msgspec.json.encode(actions).decode() + "\n")
        else:
            show_plan(console, actions)
        return 0
    files.make("--report", order.report)
    try:
        note(f"seed {order.seed}, faults: {order.faults}")
        report = perform(settings, order, note, lambda row: note(line(row)))
    except (StackError, FlinkUnavailable) as error:
        raise UserError(f"{error}: see `risk status`") from None
    if args.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        show(console, report)
        console.print(f"the report: {order.report}", markup=False, soft_wrap=True)
    return 0 if report.sound else 1


def _order(args: argparse.Namespace) -> Order:
    from risk.verify.chaos.perform import Order

    return Order(
        faults=args.faults,
        seed=args.seed,
        rate=RATE if args.rate is None else args.rate,
        only=args.only,
        here=args.here,
        prompt_s=args.prompt,
        wait_s=args.wait,
        report=args.report or ROOT / "build" / f"chaos-{args.seed}.json",
    )
