"""`risk bench features`: what each declared feature costs."""

from __future__ import annotations

import argparse

from risk.bench.features import FeatureCost, features
from risk.cli import tables
from risk.cli.benchmarks import common
from risk.cli.benchmarks.stages import add_stream
from risk.cli.common import console, whole
from risk.cli.tables import Column, Table
from risk.errors import UserError
from risk.ops.settings import load_settings


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = "CPU time a payment and state a key of each declared feature: no Flink, no Kafka"
    parser = common.parser(benchmarks, "features", text, run)
    common.add_ruleset(parser)
    add_stream(parser)
    parser.add_argument(
        "--events", type=whole(100, 10_000_000), default=20_000, help="payments measured"
    )


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    settings = load_settings()
    ruleset = common.ruleset(settings, args.ruleset)
    if not ruleset.features:
        raise UserError(f"{ruleset.name} declares no features: name another with --ruleset")
    costs = features(
        ruleset, settings.scoring, rate=args.rate, users=args.users, events=args.events
    )
    if args.json:
        return common.show(args, "features", settings, costs)
    table = Table(
        Column("feature", least=16),
        Column("key", rank=1),
        Column("us a payment", right=True),
        Column("bytes a key", right=True),
        Column("keys", right=True, rank=2),
        note="each alone, then all of a key together: those share what they can",
    )
    for one in [*costs.features, *costs.keys]:
        table.row(*_cells(one))
    tables.show(console, table)
    return 0


def _cells(one: FeatureCost) -> tuple[str, str, float, float, int]:
    return one.name, one.key, one.us_per_payment, one.bytes_per_key, one.keys
