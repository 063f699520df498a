"""From an event's place in the schedule to its score in Kafka, and to its row in each store.

The past that fills the windows is scored and delivered first. Then events are published at a
steady rate, whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from risk.bench.jobs import Contender
from risk.bench.live import Live, live
from risk.bench.observe import Observed, observe
from risk.bench.schedule import Schedule
from risk.bench.stats import Latency
from risk.bench.stream import WARM_S, stream
from sinks.store import Tag


class Plan(msgspec.Struct, frozen=True):
    """Events per second of time; measured over `seconds`, after `warmup_s` at the same rate.

    Before that, `past_s` of event time is scored as fast as it goes, so that windows are full.
    """

    rate: float
    users: int | None
    warmup_s: int
    seconds: int
    stores: Sequence[str]
    past_s: int = WARM_S

    @property
    def live_s(self) -> int:
        """How long events are sent on schedule."""
        return self.warmup_s + self.seconds


class StoreLatency(Latency, frozen=True):
    """A store's, with the rounds of asking it: each figure is high by up to one of them."""

    round_p50_ms: float
    round_p99_ms: float


class Run(msgspec.Struct, frozen=True):
    """One contender's latencies. `publisher` is how far its events were sent behind schedule."""

    name: str
    scores: Latency
    stores: dict[str, StoreLatency]
    publisher: Latency


def measure(contender: Contender, ruleset: Tag, plan: Plan, say: Callable[[str], None]) -> Run:
    """Run the contender's job, and the delivery jobs of the plan's stores, and measure."""
    schedule = Schedule(stream(plan.rate, plan.past_s + plan.live_s, plan.users), plan.past_s)
    with live(contender, plan.stores, schedule, say) as running:
        state = "windows are full" if plan.past_s else "fresh, nothing before"
        say(f"{contender.name}: {state}; {plan.live_s} s at {plan.rate:g} events/s")
        return _measure(running, contender.name, ruleset, plan)


def _measure(running: Live, name: str, ruleset: Tag, plan: Plan) -> Run:
    seen = observe(running, ruleset, plan.stores, plan.live_s)
    return Run(
        name,
        seen.latency(plan.warmup_s, plan.live_s),
        {store: _store_latency(seen, store, plan) for store in seen.stores},
        seen.published.behind,
    )


def _store_latency(seen: Observed, store: str, plan: Plan) -> StoreLatency:
    median, slow = seen.stores[store].round_ms()
    figures = msgspec.structs.asdict(seen.store_latency(store, plan.warmup_s, plan.live_s))
    return StoreLatency(**figures, round_p50_ms=median, round_p99_ms=slow)
