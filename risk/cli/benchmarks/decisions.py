"""`risk bench decisions`: what rulesets catch of fraud, and what that costs."""

from __future__ import annotations

import argparse
import sys

import msgspec
from msgspec.structs import asdict

from generator.attacks import UnknownAttack
from generator.attacks import selected as attacks
from generator.config import StreamConfig
from generator.habits import UnknownHabit
from generator.habits import selected as habits
from risk.bench.stream import START_TIME
from risk.cli import tables
from risk.cli.benchmarks import common, labelled
from risk.cli.common import console, note, number, whole
from risk.cli.quality_show import habits_table, quality_table
from risk.errors import UserError
from risk.ops.rulesets import choose
from risk.ops.settings import home, load_settings
from risk.verify.quality.synthetic import judge


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = "recall by attack at fixed false-positive budgets, on synthetic payments: no servers"
    parser = common.parser(benchmarks, "decisions", text, run)
    parser.add_argument(
        "rulesets",
        nargs="*",
        metavar="ruleset",
        help="names or folders, all judged on the same payments (default: the settings' one)",
    )
    parser.add_argument("--seed", type=int, default=7, help="of the traffic (default: %(default)s)")
    parser.add_argument(
        "--payments",
        type=whole(1_000, 10_000_000),
        default=120_000,
        metavar="N",
        help="how many records (default: %(default)s)",
    )
    parser.add_argument(
        "--rate",
        type=number(0.01, 1_000_000),
        default=100.0,
        help="payments per second of event time (default: %(default)s): the fewer, the more days",
    )
    parser.add_argument(
        "--users",
        type=whole(1, 10_000_000),
        metavar="N",
        help="how many users (default: as the rate needs)",
    )
    parser.add_argument(
        "--attack", default="all", metavar="NAMES", help="all, or names with commas between"
    )
    parser.add_argument(
        "--habits", default="all", metavar="NAMES", help="what is odd about honest payments"
    )
    labelled.add_options(parser)


def run(args: argparse.Namespace) -> int:
    """0."""
    settings = load_settings()
    names = args.rulesets or [settings.scoring.ruleset]
    rulesets = [choose(settings, home(settings), name, "ruleset").ruleset for name in names]
    if args.data:
        return labelled.run(args, settings, rulesets)
    config = StreamConfig(
        start_time=START_TIME,
        seed=args.seed,
        rate=args.rate,
        duration_s=args.payments / args.rate,
        users=args.users,
        attack=args.attack,
        habits=args.habits,
    )
    for option, named in (("attack", attacks), ("habits", habits)):
        try:
            named(getattr(args, option))
        except (UnknownAttack, UnknownHabit) as error:
            raise UserError(f"--{option}: {error}") from None
    judged = judge(
        rulesets,
        config,
        settings.scoring,
        lambda done: note(f"{done:,} of {config.events:,} payments"),
    )
    if args.json:
        found = {"benchmark": "decisions", "stream": asdict(config), "rulesets": judged}
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return 0
    for one in judged:
        title = f"{one.ruleset} version {one.version}, seed {args.seed}"
        tables.show(
            console,
            quality_table(one.quality, title),
            habits_table(one.habits, one.quality.honest),
        )
    return 0
