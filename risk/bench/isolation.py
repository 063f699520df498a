"""One store away while scores go on: what that costs scoring and the other stores, in one run.

At a steady rate, whatever happens: a while before, a while without the store, and a while after it
is back. The store itself isn't watched but by its lag, and by when it has caught up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

import msgspec

from risk.bench.jobs import Contender
from risk.bench.live import Consumer, Live, lag, live
from risk.bench.observe import GRACE_S, Observed, observe
from risk.bench.schedule import Schedule
from risk.bench.stats import Latency
from risk.bench.stream import WARM_S, stream
from risk.bench.watch import ASKED, Sample
from risk.errors import StackError
from sinks import registry
from sinks.store import Payment, Tag

LOOK_S: Final = 2.0  # between two looks at the lag
AGAIN_S: Final = 0.2


class Plan(msgspec.Struct, frozen=True):
    """Events per second; `seconds` before, without, and after, once it was warm for `warmup_s`.

    `away` is held while the `store` is away; leaving it brings the store back.
    """

    rate: float
    store: str
    seconds: int
    warmup_s: int
    away: Callable[[], AbstractContextManager[None]]
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


class _Away:
    """Takes the store away when it is time, and watches it come back; in a thread of its own."""

    def __init__(self, running: Live, ruleset: Tag, plan: Plan) -> None:
        self._running, self._ruleset, self._plan = running, ruleset, plan
        self._consumer = next(one for one in running.consumers if one.name == plan.store)
        self.lag_most = self.lag_back = 0
        self.caught_up_s: float | None = None
        self.problem: str | None = None

    def __call__(self, start: float, samples: Sequence[Sample]) -> None:
        """`start` is when the first event is due."""
        plan = self._plan
        begin = start + plan.warmup_s + plan.seconds
        end, over = begin + plan.seconds, start + plan.live_s + GRACE_S
        try:
            _sleep_until(begin)
            with plan.away():
                while (left := end - time.monotonic()) > 0:
                    time.sleep(min(LOOK_S, left))
                    self._look(self._consumer)
                self.lag_back = self._look(self._consumer)
            back = time.monotonic()
            missed = [s.payment for s in samples if begin <= start + s.at < back]
            self.caught_up_s = self._caught_up(missed, back, over)
        except Exception as error:  # what the store's client or the servers raise: told at the end
            self.problem = f"{type(error).__name__}: {error}"

    def _look(self, consumer: Consumer) -> int:
        found = lag(self._running.settings, consumer)
        self.lag_most = max(self.lag_most, found)
        return found

    def _caught_up(self, missed: Sequence[Payment], back: float, over: float) -> float | None:
        ask = registry.load(self._plan.store).probe(self._running.settings, self._ruleset)
        left = list(missed)
        while left and time.monotonic() < over:
            found = ask(left[:ASKED])
            left = [payment for payment in left if payment not in found]
            if len(found) < ASKED:
                time.sleep(AGAIN_S)
        return None if left else round(time.monotonic() - back, 2)


def measure(
    contender: Contender, ruleset: Tag, plan: Plan, say: Callable[[str], None]
) -> Isolation:
    """Run scoring and all deliveries, take the store away, and bring it back.

    Raises `StackError` if it isn't a store that can be taken away, or something else gives up.
    """
    schedule = Schedule(stream(plan.rate, plan.past_s + plan.live_s), plan.past_s)
    with live(contender, registry.names(), schedule, say) as running:
        others = [name for name in registry.names() if name != plan.store]
        say(
            f"{plan.live_s} s at {plan.rate:g} events/s; {plan.store} is away for {plan.seconds} s "
            f"after {plan.warmup_s + plan.seconds} s"
        )
        away = _Away(running, ruleset, plan)
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


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
