"""The demo once all runs: traffic, settling, the check, and what it has come to."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from rich.console import Console

from risk.cli.demonstration import summary
from risk.cli.demonstration.probe import Probe
from risk.cli.demonstration.summary import Summary
from risk.cli.demonstration.tail import Tail
from risk.cli.demonstration.traffic import WARM_UP_RATE, WARM_UP_S, Phase, Traffic
from risk.cli.demonstration.view import View
from risk.cli.demonstration.watch import Watch
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.rules import Ruleset
from risk.errors import UserError
from risk.stack.process import Home
from risk.verify.verification import verify
from risk.waiting import until
from sinks import registry

CATCH_UP_S = 120.0  # for corrections, and for the stores


class Plan(msgspec.Struct, frozen=True):
    """What is asked for: events/s, seconds of full traffic, the attacks' names."""

    rate: float
    seconds: float
    seed: int
    attack: str
    chaos: bool


def perform(
    settings: Settings,
    home: Home,
    ruleset: Ruleset,
    jobs: Mapping[str, str],
    plan: Plan,
    console: Console,
    begun: float,
) -> Summary:
    """`begun` is `time.monotonic()` at the start of the command. Raises `UserError`."""
    version = ruleset.name, ruleset.version
    stores = registry.names()
    tail = Tail(settings, version)
    tail.start()
    try:
        probes = {name: Probe(name, settings, version) for name in stores}
        traffic = Traffic(
            [
                # The seed of the warm-up is another, so that its users are, too.
                Phase(min(WARM_UP_RATE, plan.rate), WARM_UP_S, "none", plan.seed + 1),
                Phase(plan.rate, plan.seconds, plan.attack, plan.seed),
            ],
            home.log("demo-traffic"),
        )
        with View(console) as view:
            watch = Watch(settings, home, jobs, tail, probes, view)
            watch.run(traffic, plan.chaos)
        console.print("comparing every output with the oracle …", markup=False)
        report = verify(settings, ruleset, stores, CATCH_UP_S)
        _read_to_the_end(tail)
    finally:
        tail.stop()
    tally = tail.tally
    counts = tally.counts()
    try:
        counted = summary.store_counts(settings, stores, version, tally)
    except Unavailable as error:
        raise UserError(f"{error}: see `risk status`") from None
    wrong = summary.disagreements(traffic.sent, counts, counted, tally, report)
    settled = list(tally.settled())
    latencies = {
        settings.topics.scores: summary.latency(settled, watch.full_rate_ms),
        **{name: summary.percentiles(probe.found_ms) for name, probe in probes.items()},
    }
    decisions = dict.fromkeys(("ALLOW", "REVIEW", "BLOCK"), 0)
    for _, _, emitted in settled:
        decisions[emitted.decision] += 1
    return Summary(
        ok=not wrong,
        ruleset=ruleset.name,
        ruleset_version=ruleset.version,
        seed=plan.seed,
        rate=plan.rate,
        seconds=plan.seconds,
        to_first_score_s=tail.first_score - begun if tail.first_score else None,
        sent=traffic.sent,
        read=counts.events,
        scored=counts.scored,
        duplicate=counts.duplicate,
        late=counts.late,
        rejected=counts.rejected,
        decisions=decisions,
        corrected=sum(emitted.revision > 0 for _, _, emitted in settled),
        stores=counted,
        quality=summary.caught(tally),
        latency_ms={name: found for name, found in latencies.items() if found},
        most_behind_s=traffic.most_behind_s,
        chaos=watch.chaos,
        verified=report,
        disagreements=wrong,
    )


def _read_to_the_end(tail: Tail) -> None:
    until(lambda: not tail.behind(), CATCH_UP_S, 0.1)
