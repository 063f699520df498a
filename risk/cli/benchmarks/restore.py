"""`risk bench restore`: until a scoring job that was killed decides again, by the keys it holds."""

from __future__ import annotations

import argparse

import msgspec

from risk.bench.jobs import SCORE, Contender
from risk.bench.restore import Extrapolation, Restored, extrapolate, measure
from risk.cli.benchmarks import common
from risk.cli.benchmarks.cluster import Cluster, one_line, started
from risk.cli.common import note, whole

LEAST, MOST = 300, 100_000_000


class Restores(msgspec.Struct, frozen=True):
    """Each size as it was measured, and what is computed from them."""

    sizes: list[Restored]
    extrapolated: Extrapolation


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = (
        "from kill -9 of the scoring job's TaskManager to the first new decision, with so many "
        "users, devices and addresses in its state; 50 million by arithmetic"
    )
    parser = common.parser(benchmarks, "restore", text, run)
    parser.add_argument(
        "--keys",
        type=sizes,
        default=(5_000_000,),
        metavar="N[,N…]",
        help="how many; of several sizes follows what a million costs (5000000)",
    )


def sizes(text: str) -> tuple[int, ...]:
    """Whole numbers with commas between. Raises `argparse.ArgumentTypeError`."""
    read = whole(LEAST, MOST)
    return tuple(sorted({read(one) for one in text.split(",")}))


def run(args: argparse.Namespace) -> int:
    """0."""
    settings, data = started(("kafka", "postgres", "flink"))
    ruleset = common.ruleset(settings)
    folder = ("--ruleset", f"rules/{ruleset.name}")
    contender = Contender("engine", Cluster(data), SCORE, settings, folder)
    found = []
    with one_line():
        for keys in args.keys:
            found.append(measure(contender, data, keys, note))
            note(f"{found[-1].keys:,} keys: decides again after {found[-1].decided_s} s")
    return common.show(args, "restore", settings, Restores(found, extrapolate(found)))
