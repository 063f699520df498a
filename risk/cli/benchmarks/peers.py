"""`risk bench peers`: the same features and score on other Python frameworks, and here."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from risk.bench import latency
from risk.bench.accuracy import Accuracy
from risk.bench.jobs import SCORE, Contender
from risk.bench.peers.run import PEERS, Peer, prepare
from risk.bench.stats import Latency
from risk.bench.stream import stream
from risk.bench.throughput import Plan, Run, throughput
from risk.cli.benchmarks import common
from risk.cli.benchmarks.cluster import Cluster, one_line, started
from risk.cli.benchmarks.stages import add_stream
from risk.cli.benchmarks.throughput import add_window
from risk.cli.common import note, number, whole
from risk.config.settings import Settings
from risk.engine.rules import Ruleset

OURS = "engine"


class Contest(msgspec.Struct, frozen=True):
    """One framework: its best number of processes, and its latency with that many.

    `wrong_share` is of the scores made while it caught up with the backlog, by the oracle.
    """

    events_per_s: float
    processes: int
    wrong_share: float
    accuracy: Accuracy | None
    latency: Latency | None


class Contests(msgspec.Struct, frozen=True):
    """All frameworks, the engine among them; `runs` has every run."""

    rate: float
    contenders: dict[str, Contest]
    runs: list[Run]


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = (
        "events/s, latency and the share of wrong scores of the same work on Quix Streams and "
        "Bytewax, with one process and two; risk/bench/peers/README.md says what is unequal"
    )
    parser = common.parser(benchmarks, "peers", text, run)
    parser.add_argument(
        "--peers", type=_peers, default=PEERS, metavar="NAMES", help="default: quix,bytewax"
    )
    add_stream(parser)
    parser.add_argument(
        "--events", type=whole(1_000, 100_000_000), default=2_000_000, help="published"
    )
    add_window(parser)
    parser.add_argument(
        "--latency-rate",
        type=number(0, 100_000),
        default=500.0,
        help="events per second for the latencies; 0: none (default: 500)",
    )


def run(args: argparse.Namespace) -> int:
    """0."""
    settings, data = started(("kafka", "flink"))
    ruleset = common.ruleset(settings)
    contenders = _contenders(settings, Cluster(data), args.peers)
    plan = Plan(
        stream(args.rate, args.events / args.rate, args.users),
        args.warmup,
        args.seconds,
        check=ruleset,
    )
    with one_line():
        for name in args.peers:
            prepare(name, note)
        runs = throughput(settings, list(contenders.values()), plan, note)
        found = {
            name: _contest(args, ruleset, name, contenders, runs) for name in (OURS, *args.peers)
        }
    return common.show(args, "peers", settings, Contests(args.rate, found, runs))


def _contenders(
    settings: Settings, cluster: Cluster, peers: tuple[str, ...]
) -> dict[str, Contender]:
    ruleset = ("--ruleset", f"rules/{settings.scoring.ruleset}")
    found = [Contender(OURS, cluster, SCORE, settings, ruleset)]
    for name in peers:
        for count in (1, 2):
            options = {"processes": str(count)}
            script = Path("risk/bench/peers") / name
            found.append(
                Contender(f"{name} x{count}", Peer(name), script, settings, ruleset, options)
            )
    return {contender.name: contender for contender in found}


def _contest(
    args: argparse.Namespace,
    ruleset: Ruleset,
    name: str,
    contenders: dict[str, Contender],
    runs: list[Run],
) -> Contest:
    best = max(
        (run for run in runs if run.name.partition(" x")[0] == name),
        key=lambda run: run.events_per_s,
    )
    times = None
    if args.latency_rate:
        plan = latency.Plan(args.latency_rate, None, args.warmup, args.seconds, ())
        tag = ruleset.name, ruleset.version
        times = latency.measure(contenders[best.name], tag, plan, note).scores
    processes = int(contenders[best.name].options.get("processes", "1"))
    share = best.accuracy.wrong_share if best.accuracy else 0.0
    return Contest(best.events_per_s, processes, share, best.accuracy, times)


def _peers(text: str) -> tuple[str, ...]:
    names = tuple(text.replace(",", " ").split())
    for name in names:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"no peer {name}: there are {', '.join(PEERS)}")
    return names
