"""`risk chaos isolation`: one store away under load, and what the others notice of it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from risk.bench.isolation import Isolation, Phase, Plan, measure
from risk.bench.jobs import SCORE, Contender
from risk.bench.stats import Latency
from risk.cli import tables
from risk.cli.benchmarks import common
from risk.cli.benchmarks.cluster import Cluster, one_line, started
from risk.cli.common import console, note
from risk.cli.tables import Column, Table
from risk.config.settings import Settings
from risk.stack import signals
from risk.stack.process import Home
from risk.stack.up import up


def run(args: argparse.Namespace) -> int:
    """0: the store has caught up by itself; 1: it hasn't."""
    settings, data = started()
    ruleset = common.ruleset(settings)
    folder = ("--ruleset", f"rules/{ruleset.name}")
    contender = Contender("engine", Cluster(data), SCORE, settings, folder)

    def away() -> AbstractContextManager[None]:
        if args.how == "freeze":
            return signals.frozen(data, args.store)
        return _killed(settings, data, args.store)

    plan = Plan(args.rate, args.store, args.seconds, args.warmup, away)
    with one_line():
        found = measure(contender, (ruleset.name, ruleset.version), plan, note)
    if args.json:
        common.show(args, "isolation", settings, found)
    else:
        _show(found)
    return 0 if found.caught_up_s is not None else 1


@contextmanager
def _killed(settings: Settings, data: Home, store: str) -> Iterator[None]:
    """Its processes are killed; at the end it is started again."""
    signals.kill(data, store)
    try:
        yield
    finally:
        up(settings, data, [store], note)


def _show(found: Isolation) -> None:
    table = Table(
        "to",
        "when",
        Column("p50 ms", right=True),
        Column("p99 ms", right=True),
        Column("max ms", right=True),
        Column("missing", right=True),
        title=f"{found.store} away for {found.seconds} s at {found.rate:g} events/s",
    )
    phases = {"before": found.before, "away": found.away, "after": found.after}
    for name in ("scores", *found.before.stores):
        for when, phase in phases.items():
            one = _of(phase, name)
            table.row(name, when, one.p50_ms, one.p99_ms, one.max_ms, one.missing)
    tables.show(console, table)
    if found.caught_up_s is None:
        back = "had NOT caught up by the end"
    else:
        back = f"had all of them {found.caught_up_s:g} s after it was back"
    console.print(f"{found.store} was {found.lag_most:,} records behind, and {back}")


def _of(phase: Phase, name: str) -> Latency:
    return phase.scores if name == "scores" else phase.stores[name]
