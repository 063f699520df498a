"""`risk bench throughput`: events per second from Kafka to scores in Kafka."""

from __future__ import annotations

import argparse

import msgspec

from risk.bench.jobs import BASELINE, SCORE, Contender
from risk.bench.stream import stream
from risk.bench.throughput import Plan, Run, rate_of, throughput
from risk.cli.benchmarks import common
from risk.cli.benchmarks.against import add_against, applied
from risk.cli.benchmarks.cluster import Cluster, one_line, started
from risk.cli.benchmarks.stages import add_stream
from risk.cli.common import note, whole
from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.ruleset_folder import find_folder
from risk.ops.settings import load_settings


class Throughput(msgspec.Struct, frozen=True, omit_defaults=True):
    """Events per second, medians over the rounds; `ratio` is that of engine to baseline.

    `against_ratio` is that of the other settings or ruleset to what they are compared with.
    """

    events_per_s: float
    runs: list[Run]
    baseline_events_per_s: float | None = None
    ratio: float | None = None
    against_events_per_s: float | None = None
    against_ratio: float | None = None


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = (
        "events/s from Kafka to scores in Kafka: saturated, warm, windows full, RocksDB and "
        "checkpoints on; and the same of plain PyFlink"
    )
    parser = common.parser(benchmarks, "throughput", text, run)
    common.add_ruleset(parser)
    add_stream(parser)
    parser.add_argument(
        "--events",
        type=whole(1_000, 100_000_000),
        default=2_000_000,
        help="how many are published before; must last for warm-up and measuring",
    )
    add_window(parser)
    parser.add_argument(
        "--rounds",
        type=whole(1, 20),
        help="each contender runs so often, by turns (default: 1; with --against… 2)",
    )
    parser.add_argument("--no-baseline", action="store_true", help="the engine alone")
    parser.add_argument(
        "--keep-backlog", action="store_true", help="leave the published events for the next run"
    )
    add_against(parser)
    parser.add_argument(
        "--against-ruleset", metavar="NAME", help="compare with another ruleset in the same run"
    )


def add_window(
    parser: argparse.ArgumentParser, seconds: int = 30, warmup: int = 60, shortest: int = 1
) -> None:
    """Add how long it takes."""
    parser.add_argument(
        "--warmup",
        type=whole(0, 3_600),
        default=warmup,
        metavar="SECONDS",
        help=f"what is left out before, once the windows are full (default: {warmup})",
    )
    parser.add_argument(
        "--seconds",
        type=whole(shortest, 3_600),
        default=seconds,
        help=f"how long is measured then (default: {seconds})",
    )


def run(args: argparse.Namespace) -> int:
    """0."""
    _check(args)
    settings, data = started(("kafka", "flink"))
    plan = Plan(
        stream(args.rate, args.events / args.rate, args.users),
        args.warmup,
        args.seconds,
        args.rounds or (2 if args.against or args.against_ruleset else 1),
        args.keep_backlog,
    )
    contenders = _contenders(args, settings, Cluster(data))
    with one_line():
        runs = throughput(settings, contenders, plan, note)
    return common.show(args, "throughput", settings, _result(runs))


def _check(args: argparse.Namespace) -> None:
    """Refuse what can't be measured before servers are started for it."""
    own = load_settings()
    if args.against_ruleset:
        common.ruleset(own, args.against_ruleset)
    if common.ruleset(own, args.ruleset).features and not args.no_baseline:
        raise UserError("plain PyFlink has no declared features: --no-baseline leaves it out")


def _contenders(args: argparse.Namespace, settings: Settings, cluster: Cluster) -> list[Contender]:
    ruleset = ("--ruleset", str(find_folder(args.ruleset)))
    found = [Contender("engine", cluster, SCORE, settings, ruleset)]
    if args.against or args.against_ruleset:
        other, job, options = applied(settings, args.against)
        own = ("--ruleset", str(find_folder(args.against_ruleset or args.ruleset)))
        found.append(Contender("against", cluster, SCORE, other, (*own, *job), options))
    if not args.no_baseline:
        found.append(Contender("baseline", cluster, BASELINE, settings, ruleset))
    return found


def _result(runs: list[Run]) -> Throughput:
    names = {run.name for run in runs}
    ours = rate_of(runs, "engine")
    plain = rate_of(runs, "baseline") if "baseline" in names else None
    other = rate_of(runs, "against") if "against" in names else None
    return Throughput(
        ours,
        runs,
        plain,
        round(ours / plain, 2) if plain else None,
        other,
        round(other / ours, 3) if other else None,
    )
