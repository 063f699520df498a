"""`risk bench sinks`: rows per second of each store's writer."""

from __future__ import annotations

import argparse

import msgspec

from risk.bench.sinks import Rate, sinks
from risk.cli.benchmarks import common
from risk.cli.benchmarks.cluster import one_line, started
from risk.cli.benchmarks.latency import add_stores
from risk.cli.common import whole
from risk.errors import UserError


class Rates(msgspec.Struct, frozen=True):
    """Every store with every size of batch."""

    sinks: list[Rate]


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = "rows per second of each store's writer, against the real store, a batch at a time"
    parser = common.parser(benchmarks, "sinks", text, run)
    add_stores(parser)
    parser.add_argument(
        "--batches",
        type=_sizes,
        default=(500, 2_000),
        metavar="SIZES",
        help="rows in a batch (default: 500,2000)",
    )
    parser.add_argument(
        "--rows", type=whole(1, 10_000_000), default=50_000, help="rows for each of them"
    )


def run(args: argparse.Namespace) -> int:
    """0."""
    if not args.stores:
        raise UserError("--stores: name some")
    settings, _ = started(args.stores)
    ruleset = common.ruleset(settings)
    with one_line():
        found = sinks(settings, ruleset, stores=args.stores, batches=args.batches, rows=args.rows)
    return common.show(args, "sinks", settings, Rates(found))


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(whole(1, 100_000)(size.strip()) for size in text.split(","))
