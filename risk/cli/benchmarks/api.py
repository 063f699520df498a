"""`risk bench api`: from a payment to its decision in the answer of the HTTP API."""

from __future__ import annotations

import argparse

import msgspec

from risk.bench.api import Plan, Run, measure
from risk.bench.jobs import SCORE, Contender
from risk.cli.benchmarks import common
from risk.cli.benchmarks.cluster import Cluster, one_line, started
from risk.cli.benchmarks.latency import add_stores
from risk.cli.benchmarks.throughput import add_window
from risk.cli.common import note, number, whole


class Latencies(msgspec.Struct, frozen=True):
    """At this rate, with this wait."""

    rate: float
    wait_ms: int
    run: Run


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = (
        "p50, p95, p99 and max from a payment's place in an open loop's schedule to the answer of "
        "the HTTP API that has its decision"
    )
    parser = common.parser(benchmarks, "api", text, run)
    parser.add_argument("--rate", type=number(1, 100_000), default=200.0, help="payments a second")
    parser.add_argument("--users", type=whole(1, 10_000_000), help="default: by the rate")
    parser.add_argument(
        "--wait", type=whole(1, 10_000), default=2_000, metavar="MS", help="of ?wait= (2000)"
    )
    add_window(parser, seconds=60, warmup=120)
    add_stores(parser)


def run(args: argparse.Namespace) -> int:
    """0."""
    settings, data = started(("kafka", "postgres", "flink", *args.stores))
    ruleset = common.ruleset(settings)
    folder = ("--ruleset", f"rules/{ruleset.name}")
    contender = Contender("engine", Cluster(data), SCORE, settings, folder)
    plan = Plan(args.rate, args.users, args.warmup, args.seconds, args.stores, args.wait)
    with one_line():
        found = measure(contender, plan, note)
    return common.show(args, "api", settings, Latencies(args.rate, args.wait, found))
