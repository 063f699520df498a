"""`risk bench pipeline`: scoring and delivery to all stores at once, at rates that rise."""

from __future__ import annotations

import argparse

import msgspec

from risk.bench.jobs import SCORE, Contender
from risk.bench.pipeline import Plan, Step, pipeline
from risk.cli.benchmarks import common
from risk.cli.benchmarks.cluster import Cluster, one_line, started
from risk.cli.benchmarks.latency import add_stores
from risk.cli.benchmarks.throughput import add_window
from risk.cli.common import note, number, whole


class Pipeline(msgspec.Struct, frozen=True, omit_defaults=True):
    """The highest rate sustained, in events per second, and what gave way first at the next."""

    sustained_events_per_s: float
    steps: list[Step]
    limit: str | None = None


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = "the highest of some rates that scoring and all deliveries keep up with, no lag growing"
    parser = common.parser(benchmarks, "pipeline", text, run)
    parser.add_argument(
        "--rates",
        type=_rates,
        default=(500.0, 1_000.0, 1_500.0, 2_000.0, 3_000.0, 4_000.0),
        metavar="RATES",
        help="events per second, rising (default: 500,1000,1500,2000,3000,4000)",
    )
    parser.add_argument("--users", type=whole(1, 10_000_000), help="default: by the rate")
    # A line through fewer seconds says little.
    add_window(parser, seconds=60, warmup=20, shortest=10)
    add_stores(parser)


def run(args: argparse.Namespace) -> int:
    """0."""
    settings, data = started(("kafka", "flink", *args.stores))
    folder = ("--ruleset", f"rules/{settings.scoring.ruleset}")
    plan = Plan(args.rates, args.users, args.warmup, args.seconds, args.stores)
    with one_line():
        contender = Contender("engine", Cluster(data), SCORE, settings, folder)
        steps = pipeline(contender, plan, note)
    held = [step.rate for step in steps if step.sustained]
    over = [step.slowest for step in steps if not step.sustained]
    result = Pipeline(max(held, default=0.0), steps, over[0] if over else None)
    return common.show(args, "pipeline", settings, result)


def _rates(text: str) -> tuple[float, ...]:
    rates = tuple(number(1, 100_000)(rate) for rate in text.split(","))
    if list(rates) != sorted(rates):
        raise argparse.ArgumentTypeError("in rising order")
    return rates
