"""A store, or the console, away while scores go on: what that costs scoring and the other stores.

In one run at a steady rate, whatever happens: a while before, a while without it, and a while after
it is back. What is away isn't watched itself but by its lag, and by when it has caught up.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import msgspec

from risk.bench.away import Away, Moments, Watched, WatchedConsole, WatchedStore
from risk.bench.jobs import Contender
from risk.bench.live import Live, live
from risk.bench.observe import GRACE_S, Observed, observe
from risk.bench.schedule import Schedule
from risk.bench.stats import Latency
from risk.bench.stream import WARM_S, stream
from risk.config.names import CONSOLE
from risk.config.settings import Settings
from risk.errors import StackError
from sinks import registry
from sinks.store import Tag


class Plan(msgspec.Struct, frozen=True):
    """Events per second; `seconds` before, without, and after, once it was warm for `warmup_s`.

    `away` is held while the store is away, or the console; leaving it brings that back. `beside` is
    held all the time, and may start what the jobs have no need of: where that is, its settings say.
    """

    rate: float
    store: str
    seconds: int
    warmup_s: int
    away: Callable[[], AbstractContextManager[None]]
    beside: Callable[[Settings], AbstractContextManager[Settings]] = nullcontext
    past_s: int = WARM_S

    @property
    def live_s(self) -> int:
        """How long events are sent on schedule."""
        return self.warmup_s + 3 * self.seconds


class Phase(msgspec.Struct, frozen=True):
    """Latencies of the events that were due in it, to scores and to the other stores."""

    scores: Latency
    stores: dict[str, Latency]


class Isolation(msgspec.Struct, frozen=True):
    """What came of it. `lag_most` is the store's, in records, `lag_back` when it came back.

    `caught_up_s` after that it had all that it had missed; None if it hadn't by the end of the run.
    """

    store: str
    rate: float
    seconds: int
    before: Phase
    away: Phase
    after: Phase
    lag_most: int
    lag_back: int
    caught_up_s: float | None
    publisher: Latency


def measure(
    contender: Contender, ruleset: Tag, plan: Plan, say: Callable[[str], None]
) -> Isolation:
    """Run scoring and all deliveries, take the store away, and bring it back.

    Raises `StackError` if it isn't a store that can be taken away, or something else gives up.
    """
    schedule = Schedule(stream(plan.rate, plan.past_s + plan.live_s), plan.past_s)
    with (
        live(contender, registry.names(), schedule, say) as running,
        plan.beside(running.settings) as settings,
    ):
        others = [name for name in registry.names() if name != plan.store]
        say(
            f"{plan.live_s} s at {plan.rate:g} events/s; {plan.store} is away for {plan.seconds} s "
            f"after {plan.warmup_s + plan.seconds} s"
        )
        moments = Moments(plan.warmup_s + plan.seconds, plan.seconds, plan.live_s + GRACE_S)
        away = Away(_watched(running, settings, ruleset, plan.store), plan.away, moments)
        seen = observe(running, ruleset, others, plan.live_s, away)
    if away.problem:
        raise StackError(f"{plan.store}: {away.problem}")
    first = plan.warmup_s
    before, without, after = (
        _phase(seen, first + n * plan.seconds, plan.seconds) for n in range(3)
    )
    return Isolation(
        plan.store,
        plan.rate,
        plan.seconds,
        before,
        without,
        after,
        away.lag_most,
        away.lag_back,
        away.caught_up_s,
        seen.published.behind,
    )


def _phase(seen: Observed, begin_s: float, seconds: float) -> Phase:
    end_s = begin_s + seconds
    stores = {name: seen.store_latency(name, begin_s, end_s) for name in seen.stores}
    return Phase(seen.latency(begin_s, end_s), stores)


def _watched(running: Live, settings: Settings, ruleset: Tag, name: str) -> Watched:
    if name == CONSOLE:
        return WatchedConsole(settings)
    consumer = next(one for one in running.consumers if one.name == name)
    return WatchedStore(settings, consumer, ruleset)
