"""Events sent on schedule, and when the score of each was readable, and the rows of samples.

Time is the monotonic clock of this machine, in all processes alike.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from threading import Thread
from typing import Any

import msgspec
from confluent_kafka import Consumer, TopicPartition

from risk.bench import kafka
from risk.bench.child import Child
from risk.bench.live import Live
from risk.bench.publisher import Published, publish
from risk.bench.schedule import Due
from risk.bench.scores import CORRECTION
from risk.bench.stats import Latency, latency
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

# Told when the first event is due, and which samples there are; runs beside it in a thread.
Meanwhile = Callable[[float, Sequence[Sample]], None]


class Observed(msgspec.Struct, frozen=True):
    """What was sent from `start` on, when scores were read, and samples seen in stores."""

    start: float
    scored: Sequence[Due]
    received: Mapping[str, float]
    samples: Sequence[Sample]
    stores: Mapping[str, Seen]
    published: Published

    def latency(self, begin_s: float, end_s: float) -> Latency:
        """To the scores, of the events due from `begin_s` after the start on, before `end_s`."""
        return self._latency(
            ((d.event_id, d.at) for d in self.scored), self.received, begin_s, end_s
        )

    def store_latency(self, store: str, begin_s: float, end_s: float) -> Latency:
        """The same to the rows of a store."""
        asked = ((sample.event_id, sample.at) for sample in self.samples)
        return self._latency(asked, self.stores[store].times, begin_s, end_s)

    def _latency(
        self,
        events: Iterable[tuple[str, float]],
        times: Mapping[str, float],
        begin_s: float,
        end_s: float,
    ) -> Latency:
        wanted = {name: self.start + at for name, at in events if begin_s <= at < end_s}
        found = [times[name] - due for name, due in wanted.items() if name in times]
        return latency(found, len(wanted) - len(found))


def observe(
    running: Live,
    ruleset: Tag,
    stores: Sequence[str],
    live_s: float,
    meanwhile: Meanwhile | None = None,
) -> Observed:
    """Send all that is due, and look for what comes of it, in these stores too.

    Raises `StackError` if the broker doesn't take events, or a store can't be asked.
    """
    settings, dues = running.settings, running.dues
    scored = [due for due in dues if due.event_id]
    samples = [
        Sample(due.at, due.event_id, due.event_time, due.user_id) for due in scored[::SAMPLE]
    ]
    looked = questions(stores)
    topic, partitions = settings.topics.transactions, settings.kafka.partitions
    sender = Child(publish, client_config(settings.kafka), topic, partitions, dues)
    watcher = Child(watch, settings, ruleset, looked, samples, PAUSE_S) if looked else None
    consumer = _consumer(settings)
    beside: Thread | None = None
    try:
        start = time.monotonic() + 1
        end = start + live_s + GRACE_S
        sender.start(start)
        if watcher:
            watcher.start((start, end))
        if meanwhile:
            beside = Thread(target=meanwhile, args=(start, samples), daemon=True)
            beside.start()
        received = _receive(consumer, end, {due.event_id for due in scored})
        published: Published = sender.result()
        seen: Mapping[str, Seen] = watcher.result() if watcher else {}
    finally:
        if beside:
            beside.join()
        consumer.close()
        for child in (sender, watcher):
            if child:
                child.stop()
    if published.failed:
        raise StackError(f"kafka: {published.failed} events were not taken")
    for store, found in seen.items():
        if found.problem:
            raise StackError(f"{store}: {found.problem}")
    return Observed(start, scored, received, samples, seen, published)


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
