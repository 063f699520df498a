"""From an event's place in the schedule to its score in Kafka, and to its row in each store.

The past that fills the windows is scored and delivered first. Then events are published at a
steady rate, whatever happens. Time is the monotonic clock of this machine, in all processes alike.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec
from confluent_kafka import Consumer, TopicPartition

from risk.bench import kafka
from risk.bench.child import Child
from risk.bench.jobs import Contender
from risk.bench.live import Live, live
from risk.bench.publisher import Published, publish
from risk.bench.schedule import Schedule
from risk.bench.scores import CORRECTION
from risk.bench.stats import Latency, latency
from risk.bench.stream import WARM_S, stream
from risk.bench.watch import Sample, Seen, questions, watch
from risk.config.names import BENCH_READER
from risk.config.settings import Settings
from risk.errors import StackError
from risk.kafka.client import client_config
from sinks.store import Tag

EVENT_ID = re.compile(rb'"event_id":"([^"]+)"')
GRACE_S = 10.0  # how long after the last event scores and rows are waited for
SAMPLE = 16  # one of so many events is looked for in the stores
PAUSE_S = 0.02  # between two rounds of asking a store: it takes from the cores of what it watches


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
    settings, dues = running.settings, running.dues
    scored = [due for due in dues if due.event_id]
    samples = [
        Sample(due.at, due.event_id, due.event_time, due.user_id) for due in scored[::SAMPLE]
    ]
    looked = questions(plan.stores)
    topic, partitions = settings.topics.transactions, settings.kafka.partitions
    sender = Child(publish, client_config(settings.kafka), topic, partitions, dues)
    watcher = Child(watch, settings, ruleset, looked, samples, PAUSE_S) if looked else None
    consumer = _consumer(settings)
    try:
        start = time.monotonic() + 1
        end = start + plan.live_s + GRACE_S
        sender.start(start)
        if watcher:
            watcher.start((start, end))
        received = _receive(consumer, end, {due.event_id for due in scored})
        published: Published = sender.result()
        seen: Mapping[str, Seen] = watcher.result() if watcher else {}
    finally:
        consumer.close()
        for child in (sender, watcher):
            if child:
                child.stop()
    if published.failed:
        raise StackError(f"kafka: {published.failed} events were not taken")
    for store, found in seen.items():
        if found.problem:
            raise StackError(f"{store}: {found.problem}")
    wanted = {due.event_id: start + due.at for due in scored if due.at >= plan.warmup_s}
    sampled = {s.event_id: wanted[s.event_id] for s in samples if s.event_id in wanted}
    return Run(
        name,
        _latency(wanted, received),
        {store: _store_latency(sampled, found) for store, found in seen.items()},
        published.behind,
    )


def first_word(value: bytes, wanted: Collection[str]) -> str | None:
    """The event that a score is the first of, if it is one of those: late ones are decided, too."""
    match = None if CORRECTION.search(value) else EVENT_ID.search(value)
    event_id = match[1].decode() if match else None
    return event_id if event_id in wanted else None


def _receive(consumer: Any, end: float, wanted: Collection[str]) -> dict[str, float]:
    """When each event's first score was read, until all are there or it is over."""
    found: dict[str, float] = {}
    while time.monotonic() < end and len(found) < len(wanted):
        message = consumer.poll(0.2)
        if message is None or message.error():
            continue
        now = time.monotonic()
        if event_id := first_word(message.value(), wanted):
            found.setdefault(event_id, now)
    return found


def _latency(wanted: Mapping[str, float], times: Mapping[str, float]) -> Latency:
    found = [times[event_id] - due for event_id, due in wanted.items() if event_id in times]
    return latency(found, len(wanted) - len(found))


def _store_latency(wanted: Mapping[str, float], seen: Seen) -> StoreLatency:
    median, slow = seen.round_ms()
    found = msgspec.structs.asdict(_latency(wanted, seen.times))
    return StoreLatency(**found, round_p50_ms=median, round_p99_ms=slow)


def _consumer(settings: Settings) -> Any:
    consumer = Consumer(
        {
            **client_config(settings.kafka),
            "group.id": BENCH_READER,
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 500,  # an answer comes as soon as there is a byte
        }
    )
    ends = kafka.ends(settings, settings.topics.scores)
    consumer.assign([TopicPartition(settings.topics.scores, p, end) for p, end in ends.items()])
    consumer.poll(0)
    return consumer
