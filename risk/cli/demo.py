"""`risk demo`: everything from nothing, fraud streamed through it, and what was caught."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import msgspec
from rich.console import Console

from generator.attacks import UnknownAttack, selected
from risk.cli.common import make_console, number
from risk.cli.demonstration.perform import Plan, perform
from risk.cli.demonstration.show import show
from risk.cli.demonstration.summary import Summary
from risk.config.settings import Settings
from risk.errors import StackError, UserError
from risk.ops.settings import home, load_settings
from risk.stack.flink_rest import FlinkUnavailable
from risk.stack.process import Home
from risk.stack.secrets import with_generated

SEEDS = 1_000_000


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk demo`."""
    text = "start everything, stream payments and fraud through it, and check what was caught"
    parser = subparsers.add_parser("demo", help=text, description=text)
    parser.add_argument(
        "--rate", type=number(1, 5_000), default=300.0, help="events/s (default: %(default)s)"
    )
    parser.add_argument(
        "--duration",
        type=number(5, 86_400),
        default=90.0,
        metavar="SECONDS",
        help="of traffic, after 10 s at a low rate (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, help="of the traffic; the same again within 5 minutes makes duplicates"
    )
    parser.add_argument(
        "--attack",
        default="all",
        metavar="NAMES",
        help="all, none, or names with commas between (default: %(default)s)",
    )
    parser.add_argument(
        "--chaos",
        action="store_true",
        help="kill -9 the scoring job's TaskManager half-way: nothing may be lost",
    )
    parser.add_argument("--keep", action="store_true", help="leave it all running at the end")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: all counts agree, with one another and with the oracle; 1: they don't."""
    begun = time.monotonic()
    plan = _plan(args)
    own = load_settings()
    if own.kafka.bootstrap:
        raise UserError("kafka.bootstrap: the demo runs on the embedded broker: leave it out")
    console = make_console(stderr=args.json)
    data = home(own)
    try:
        summary = _perform(own, data, plan, console, begun)
        if args.json:
            sys.stdout.write(msgspec.json.encode(summary).decode() + "\n")
        else:
            show(summary, console)
            _tell(own, data, args.keep, console)
    finally:
        if not args.keep:
            _down(own, data, console)
    return 0 if summary.ok else 1


def _perform(settings: Settings, data: Home, plan: Plan, console: Console, begun: float) -> Summary:
    # Late, because the stores' clients are slow to load, and every command loads this module.
    from risk.cli.demonstration.bring_up import bring_up, running_ruleset

    try:
        settings = with_generated(settings, data)
        jobs = bring_up(settings, data, _say(console))
        ruleset = running_ruleset(settings, data)
        return perform(settings, data, ruleset, jobs, plan, console, begun)
    except (FlinkUnavailable, StackError) as error:
        raise UserError(f"{error}: see `risk status`") from None


def _plan(args: argparse.Namespace) -> Plan:
    try:
        selected(args.attack)
    except UnknownAttack as error:
        raise UserError(f"--attack: {error}") from None
    # Another one each time: the same events again would be duplicates.
    seed = args.seed if args.seed is not None else int(time.time()) % SEEDS
    return Plan(args.rate, args.duration, seed, args.attack, args.chaos)


def _tell(settings: Settings, data: Home, keep: bool, console: Console) -> None:
    from risk.cli.demonstration.hints import hints

    console.print("\nLook for yourself" + ("" if keep else ", after `risk up`") + ":")
    for what, command in hints(settings, data):
        console.print(f"# {what}\n{command}", markup=False, soft_wrap=True)
    if keep:
        console.print(f"# the jobs\n{settings.flink.url}", soft_wrap=True)
        _open_console(settings, data, console)


def _open_console(settings: Settings, data: Home, console: Console) -> None:
    from risk.cli.demonstration.open_console import open_console
    from risk.engine.delivery import Unavailable

    try:
        lines = open_console(settings, data, lambda line: None)
    except (StackError, Unavailable) as error:
        lines = [f"it isn't up: {error}"]
    console.print("\n".join(["# the console, where alerts are seen", *lines]), soft_wrap=True)


def _down(settings: Settings, data: Home, console: Console) -> None:
    from risk.stack.up import down

    try:
        down(settings, data, say=_say(console))
    except StackError as error:
        raise UserError(str(error)) from None


def _say(console: Console) -> Callable[[str], None]:
    return lambda line: console.print(line, markup=False, soft_wrap=True)
