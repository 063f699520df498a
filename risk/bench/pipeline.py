"""The whole pipeline: scoring and all deliveries at once, at a rate that they keep up with.

At each rate, one after the other, events are published on schedule while every consumer's lag is
read. A rate is sustained if no lag grows. The first that isn't ends the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from risk.bench import kafka
from risk.bench.child import Child
from risk.bench.jobs import Contender
from risk.bench.live import Live, lag, live
from risk.bench.publisher import Published, publish
from risk.bench.schedule import Due, Schedule
from risk.bench.stats import slope
from risk.bench.stream import WARM_S, stream
from risk.kafka.client import client_config
from risk.waiting import until

READ_S = 1.0
GROWING = 0.02  # of the rate: a lag that grows by more isn't noise
POLL_S = 0.5
REST_S = 120.0  # how long consumers may take to catch up between rates


class Lag(msgspec.Struct, frozen=True):
    """A consumer's lag in records, at the median and at most, and by how much it grew a second.

    Groups commit with their checkpoints, so a lag holds up to one interval's records that are done.
    """

    median: int
    highest: int
    growth_per_s: float


class Step(msgspec.Struct, frozen=True):
    """One rate in events per second, held for `seconds`.

    `published_per_s` is what came about; with the publisher itself behind, the rate says nothing.
    """

    rate: float
    seconds: int
    published_per_s: float
    sustained: bool
    slowest: str
    lags: dict[str, Lag]


class Plan(msgspec.Struct, frozen=True):
    """Rates in rising order; each is held for `warmup_s` and then measured for `seconds`."""

    rates: Sequence[float]
    users: int | None
    warmup_s: int
    seconds: int
    stores: Sequence[str]


def pipeline(contender: Contender, plan: Plan, say: Callable[[str], None]) -> list[Step]:
    """The steps that were taken: all sustained, but perhaps the last."""
    base = plan.rates[0]
    held_s = plan.warmup_s + plan.seconds
    # Event time moves at the first rate throughout: only the clock by which it is sent differs.
    needed = sum(rate * held_s for rate in plan.rates)
    schedule = Schedule(stream(base, WARM_S + needed / base, plan.users), WARM_S)
    steps: list[Step] = []
    with live(contender, plan.stores, schedule, say) as running:
        position = 0
        for rate in plan.rates:
            say(f"{rate:g} events/s for {plan.warmup_s} s, and then {plan.seconds} s measured")
            count = round(rate * held_s)
            part = running.dues[position : position + count]
            position += count
            steps.append(_step(running, plan, rate, base, part))
            done = steps[-1]
            say(f"{rate:g} events/s: {'sustained' if done.sustained else 'too much'}")
            if not done.sustained:
                break
            _rest(running)
    return steps


def _step(running: Live, plan: Plan, rate: float, base: float, part: Sequence[Due]) -> Step:
    first = part[0].at
    dues = [due._replace(at=(due.at - first) * base / rate) for due in part]
    settings = running.settings
    topic, partitions = settings.topics.transactions, settings.kafka.partitions
    sender = Child(publish, client_config(settings.kafka), topic, partitions, dues)
    read: dict[str, list[tuple[float, float]]] = {c.name: [] for c in running.consumers}
    sent: list[tuple[float, float]] = []
    topics = {topic, *(c.topic for c in running.consumers)}
    try:
        start = time.monotonic()
        sender.start(start)
        time.sleep(plan.warmup_s)
        while (now := time.monotonic()) < start + plan.warmup_s + plan.seconds:
            ends = {name: kafka.ends(settings, name) for name in topics}
            sent.append((now, sum(ends[topic].values())))
            for consumer in running.consumers:
                behind = lag(settings, consumer, ends[consumer.topic])
                read[consumer.name].append((now, behind))
            time.sleep(max(0.0, now + READ_S - time.monotonic()))
        published: Published = sender.result()
    finally:
        sender.stop()
    lags = {name: _lag(points) for name, points in read.items()}
    got = slope(sent)
    slowest = max(lags, key=lambda name: lags[name].growth_per_s)
    sustained = (
        not published.failed
        and got > (1 - GROWING) * rate
        and lags[slowest].growth_per_s <= GROWING * rate
    )
    return Step(rate, plan.seconds, round(got, 1), sustained, slowest, lags)


def _lag(points: Sequence[tuple[float, float]]) -> Lag:
    values = sorted(round(records) for _, records in points)
    return Lag(values[len(values) // 2], values[-1], round(slope(points), 1))


def _rest(running: Live) -> None:
    """Let the consumers catch up, so that the next rate starts from nothing."""
    until(lambda: not any(lag(running.settings, c) for c in running.consumers), REST_S, POLL_S)
