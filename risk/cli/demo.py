"""`risk demo`: everything from nothing, fraud streamed through it, and what was caught."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import closing

import msgspec
from rich.console import Console

from generator.attacks import UnknownAttack, selected
from risk.cli.common import make_console, number
from risk.cli.demonstration.learning.course import LEARN_S, LEAST_LEARN_S, LEAST_RATE, Course
from risk.cli.demonstration.learning.show import show as show_learned
from risk.cli.demonstration.learning.summary import Learned
from risk.cli.demonstration.perform import Plan, perform
from risk.cli.demonstration.show import show
from risk.cli.demonstration.summary import Summary
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops.settings import home, load_settings
from risk.stack.flink_rest import FlinkUnavailable
from risk.stack.process import Home
from risk.stack.secrets import with_generated

SEEDS = 1_000_000
SECONDS = 90.0


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
        metavar="SECONDS",
        help=f"of traffic, after 10 s at a low rate (default: {SECONDS:g}); with --learn, before "
        f"the model learns (default: {LEARN_S:g})",
    )
    parser.add_argument(
        "--seed", type=int, help="of the traffic; the same again within 5 minutes makes duplicates"
    )
    parser.add_argument(
        "--attack",
        metavar="NAMES",
        help="all, none, or names with commas between (default: all)",
    )
    parser.add_argument(
        "--chaos",
        action="store_true",
        help="kill -9 the scoring job's TaskManager half-way: nothing may be lost",
    )
    parser.add_argument(
        "--learn",
        action="store_true",
        help="fraud that no rule knows: a model is trained on late verdicts, tried in the shadow, "
        "and promoted (needs `make setup-train`)",
    )
    parser.add_argument("--keep", action="store_true", help="leave it all running at the end")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: all counts agree, with one another and with the oracle; 1: they don't."""
    begun = time.monotonic()
    plan = _course(args) if args.learn else _plan(args)
    own = load_settings()
    if own.kafka.bootstrap:
        raise UserError("kafka.bootstrap: the demo runs on the embedded broker: leave it out")
    console = make_console(stderr=args.json)
    data = home(own)
    try:
        summary: Summary | Learned
        if isinstance(plan, Course):
            summary = _learn(own, data, plan, console, begun)
        else:
            summary = _perform(own, data, plan, console, begun)
        if args.json:
            sys.stdout.write(msgspec.json.encode(summary).decode() + "\n")
        else:
            _show(summary, console)
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


def _learn(
    settings: Settings, data: Home, course: Course, console: Console, begun: float
) -> Learned:
    # As above; and nothing is started for what could not be trained then.
    from risk.cli.demonstration.bring_up import scoring_first
    from risk.cli.demonstration.learning.perform import Lesson
    from risk.ops.models.train import libraries

    libraries()
    try:
        settings = with_generated(settings, data)
        with closing(Lesson(settings, data, course, console, begun)) as lesson:
            scoring_first(settings, data, _say(console), lesson.begin)
            return lesson.run()
    except (FlinkUnavailable, StackError, Unavailable) as error:
        raise UserError(f"{error}: see `risk status`") from None


def _plan(args: argparse.Namespace) -> Plan:
    attack = args.attack or "all"
    try:
        selected(attack)
    except UnknownAttack as error:
        raise UserError(f"--attack: {error}") from None
    return Plan(args.rate, args.duration or SECONDS, _seed(args), attack, args.chaos)


def _course(args: argparse.Namespace) -> Course:
    for flag in ("chaos", "attack"):
        if getattr(args, flag):
            raise UserError(f"--{flag}: the demo that learns has a course of its own: leave it out")
    seconds = args.duration or LEARN_S
    if seconds < LEAST_LEARN_S or args.rate < LEAST_RATE:
        raise UserError(
            f"--learn: too few frauds to learn from: at least --duration {LEAST_LEARN_S:g} and "
            f"--rate {LEAST_RATE:g}"
        )
    return Course(args.rate, seconds, _seed(args))


def _seed(args: argparse.Namespace) -> int:
    """Another one each time: the same events again would be duplicates."""
    return args.seed if args.seed is not None else int(time.time()) % SEEDS


def _show(summary: Summary | Learned, console: Console) -> None:
    if isinstance(summary, Summary):
        show(summary, console)
    else:
        show_learned(summary, console)


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
