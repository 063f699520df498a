"""`risk chaos isolation`: a store or the console away under load, and what others notice of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from msgspec.structs import replace

from risk.bench.isolation import Isolation, Phase, Plan, measure
from risk.bench.jobs import SCORE, Contender
from risk.bench.stats import Latency
from risk.cli import tables
from risk.cli.benchmarks import common
from risk.cli.benchmarks.cluster import Cluster, one_line, started
from risk.cli.common import console, note
from risk.cli.tables import Column, Table
from risk.config.names import CONSOLE
from risk.config.settings import Settings
from risk.stack import process, signals
from risk.stack.ports import free_port
from risk.stack.process import Home
from risk.stack.risk_process import spawn
from risk.stack.up import up

OWN_CONSOLE: Final = "isolation-console"


def run(args: argparse.Namespace) -> int:
    """0: what was away has caught up by itself; 1: it hasn't."""
    settings, data = started()
    ruleset = common.ruleset(settings)
    folder = ("--ruleset", f"rules/{ruleset.name}")
    contender = Contender("engine", Cluster(data), SCORE, settings, folder)

    own = args.store == CONSOLE
    server = OWN_CONSOLE if own else args.store

    def away() -> AbstractContextManager[None]:
        if args.how == "freeze":
            return signals.frozen(data, server)
        return _killed(data, server, lambda: up(settings, data, [server], note))

    plan = Plan(args.rate, args.store, args.seconds, args.warmup, away)
    if own:
        beside = _OwnConsole(settings, data)
        plan = replace(plan, beside=beside.running)
        if args.how == "kill":
            plan = replace(plan, away=lambda: _killed(data, server, beside.start))
    with one_line():
        found = measure(contender, (ruleset.name, ruleset.version), plan, note)
    if args.json:
        common.show(args, "isolation", settings, found)
    else:
        _show(found)
    return 0 if found.caught_up_s is not None else 1


class _OwnConsole:
    """A console that shows the alerts of this run; the one that runs shows those of others."""

    def __init__(self, settings: Settings, data: Home) -> None:
        self._settings, self._data = settings, data

    @contextmanager
    def running(self, settings: Settings) -> Iterator[Settings]:
        """It runs under the settings of the run, and a port of its own, while the block lasts."""
        console = settings.console
        own = replace(console, port=free_port(console.host), tls_cert=None, tls_key=None)
        self._settings = replace(settings, console=own)
        self.start()
        try:
            yield self._settings
        finally:
            process.stop(self._data, OWN_CONSOLE)

    def start(self) -> None:
        """Start it, for the first time or again."""
        spawn(self._settings, self._data, "console", OWN_CONSOLE, "console", "run")


@contextmanager
def _killed(data: Home, server: str, start: Callable[[], object]) -> Iterator[None]:
    """Its processes are killed; at the end it is started again."""
    signals.kill(data, server)
    try:
        yield
    finally:
        start()


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
