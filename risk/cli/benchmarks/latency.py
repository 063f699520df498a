"""`risk bench latency`: from an event to its score in Kafka, and to its row in each store."""

from __future__ import annotations

import argparse

import msgspec

from risk.bench.jobs import SCORE, Contender
from risk.bench.latency import Plan, Run, StoreLatency, measure
from risk.bench.stats import Latency
from risk.cli.benchmarks import common
from risk.cli.benchmarks.against import add_against, applied
from risk.cli.benchmarks.cluster import Cluster, one_line, started
from risk.cli.benchmarks.throughput import add_window
from risk.cli.common import note, number, whole
from sinks import registry


class Latencies(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of the last round under the settings as they are; `runs` has every round of both."""

    rate: float
    scores: Latency
    stores: dict[str, StoreLatency]
    publisher: Latency
    runs: list[Run]
    against_p99_ratio: float | None = None


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = (
        "p50, p95, p99 and max from an event's place in an open loop's schedule to its score "
        "readable in Kafka and its row visible in each store"
    )
    parser = common.parser(benchmarks, "latency", text, run)
    parser.add_argument("--rate", type=number(1, 100_000), default=500.0, help="events per second")
    parser.add_argument("--users", type=whole(1, 10_000_000), help="default: by the rate")
    add_window(parser, seconds=60, warmup=180)
    parser.add_argument(
        "--cold",
        action="store_true",
        help="measure from a fresh job's first event on: no past, no warm-up",
    )
    add_stores(parser)
    parser.add_argument(
        "--rounds", type=whole(1, 20), help="default: 1; with --against 2, by turns"
    )
    add_against(parser)


def add_stores(parser: argparse.ArgumentParser) -> None:
    """Add which stores take part."""
    parser.add_argument(
        "--stores",
        type=_stores,
        default=registry.names(),
        metavar="NAMES",
        help="stores that scores are delivered to, or none (default: all)",
    )


def run(args: argparse.Namespace) -> int:
    """0."""
    settings, data = started(("kafka", "flink", *args.stores))
    ruleset = common.ruleset(settings)
    folder = ("--ruleset", f"rules/{ruleset.name}")
    cluster = Cluster(data)
    contenders = [Contender("engine", cluster, SCORE, settings, folder)]
    if args.against:
        other, job, options = applied(settings, args.against)
        contenders.append(Contender("against", cluster, SCORE, other, (*folder, *job), options))
    plan = Plan(args.rate, args.users, args.warmup, args.seconds, args.stores)
    if args.cold:
        plan = msgspec.structs.replace(plan, warmup_s=0, past_s=0)
    rounds = args.rounds or len(contenders)
    tag = ruleset.name, ruleset.version
    runs = []
    with one_line():
        for _ in range(rounds):
            for contender in contenders:
                runs.append(measure(contender, tag, plan, note))
    ours = [found for found in runs if found.name == "engine"]
    others = [found for found in runs if found.name == "against"]
    ratio = None
    if others:
        p99 = [sum(found.scores.p99_ms for found in side) for side in (others, ours)]
        ratio = round(p99[0] / p99[1], 3)
    last = ours[-1]
    result = Latencies(args.rate, last.scores, last.stores, last.publisher, runs, ratio)
    return common.show(args, "latency", settings, result)


def _stores(text: str) -> tuple[str, ...]:
    names = () if text == "none" else tuple(name for name in text.replace(",", " ").split())
    for name in names:
        if name not in registry.names():
            raise argparse.ArgumentTypeError(
                f"no store {name}: there are {', '.join(registry.names())}, or none"
            )
    return names
