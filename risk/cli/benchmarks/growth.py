"""`risk bench growth`: how the cost of an event grows with keys and windows."""

from __future__ import annotations

import argparse

from risk.bench.growth import growth
from risk.cli.benchmarks import common
from risk.cli.common import whole
from risk.ops.settings import load_settings


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = "CPU time per event with 1, 10, 100 times the keys, and with hot keys' windows fuller"
    parser = common.parser(benchmarks, "growth", text, run)
    common.add_ruleset(parser)
    parser.add_argument("--users", type=whole(10, 100_000), default=1_000, help="users at factor 1")
    parser.add_argument(
        "--population",
        type=whole(10, 100_000),
        default=500,
        help="events in a hot key's window at factor 1",
    )
    parser.add_argument(
        "--events", type=whole(100, 1_000_000), default=100_000, help="events measured each"
    )
    parser.add_argument("--batch", type=whole(1, 10_000), default=100, help="events in a batch")


def run(args: argparse.Namespace) -> int:
    """0."""
    settings = load_settings()
    result = growth(
        common.ruleset(settings, args.ruleset),
        settings.scoring,
        users=args.users,
        population=args.population,
        events=args.events,
        batch=args.batch,
        partitions=settings.kafka.partitions,
    )
    return common.show(args, "growth", settings, result)
