"""`risk bench stages`: what an event costs in Python, stage by stage."""

from __future__ import annotations

import argparse

from risk.bench.stages import stages
from risk.cli.benchmarks import common
from risk.cli.common import number, whole
from risk.ops.settings import load_settings


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = "CPU time per event in Python, by stage: no Flink, no Kafka, windows full"
    parser = common.parser(benchmarks, "stages", text, run)
    common.add_ruleset(parser)
    add_stream(parser)
    parser.add_argument(
        "--events", type=whole(100, 10_000_000), default=100_000, help="events measured"
    )
    parser.add_argument("--batch", type=whole(1, 100_000), default=100, help="events in a batch")


def add_stream(parser: argparse.ArgumentParser) -> None:
    """Add what the stream is made from."""
    parser.add_argument(
        "--rate",
        type=number(1, 1_000_000),
        default=500.0,
        help="events per second of event time",
    )
    parser.add_argument(
        "--users",
        type=whole(1, 10_000_000),
        help="default: 100 a unit of rate, at least 20,000",
    )


def run(args: argparse.Namespace) -> int:
    """0."""
    settings = load_settings()
    result = stages(
        common.ruleset(settings, args.ruleset),
        settings.scoring,
        rate=args.rate,
        users=args.users,
        events=args.events,
        batch=args.batch,
        partitions=settings.kafka.partitions,
    )
    return common.show(args, "stages", settings, result)
