"""What an event costs in Python, stage by stage: no Flink, no Kafka, windows full."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from flink_jobs.huge_pages import HugePages
from flink_jobs.messages import Writer
from risk.bench.stream import WARM_S, batches, raws, stream
from risk.config.settings import Scoring
from risk.engine.features.feature_set import FeatureSet
from risk.engine.rules import Ruleset
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.fused import Fused
from risk.engine.stages.held import some_of
from risk.engine.stages.reading import Reading

STAGES = (
    *("huge_pages", "ingest", "user", "ip", "device", "declared", "decide", "score_and_encode"),
)


class StageCosts(msgspec.Struct, frozen=True):
    """CPU microseconds per event consumed, by stage and in all; and the events/s they allow."""

    events: int
    us_per_event: dict[str, float]
    total_us: float
    events_per_s: float


class Timed:
    """The fused way with a clock between the stages. Times are CPU seconds of this thread."""

    def __init__(self, ruleset: Ruleset, partitions: int, scoring: Scoring) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self.events = 0
        starts = dict.fromkeys(range(partitions), 0)
        own = Reading.of(starts, scoring)
        self.fused = Fused(lambda _: MemoryStore(), own, features=FeatureSet.of([ruleset]))
        self.fused.feedback.without_log()
        self._writer = Writer(ruleset, "bench")
        self._pages = HugePages(lambda: some_of(self.fused)) if scoring.huge_pages else None

    def on_batch(self, batch: Sequence[Raw]) -> None:
        """Take a batch through all stages and to the bytes that go out."""
        stages, clock = self.fused, time.thread_time
        marks = [clock()]
        if self._pages:  # as the operator does
            self._pages.tick()
        marks.append(clock())
        items, _, late = stages.ingest.on_batch(batch)
        frontier = stages.feedback.passes(stages.ingest.frontier(), batch)
        marks.append(clock())
        items, corrections = stages.user.on_batch(items, [], frontier)
        items = stages.feedback.joined(items, frontier)
        marks.append(clock())
        items, corrections = stages.ip.on_batch(items, corrections, frontier)
        marks.append(clock())
        items, corrections = stages.device.on_batch(items, corrections, frontier)
        marks.append(clock())
        items, corrections = stages.declared.on_batch(items, corrections, frontier)
        marks.append(clock())
        scorables = stages.decide.on_batch(items, corrections, frontier)
        marks.append(clock())
        self._writer.decisions(scorables, batch[0].append_time)
        self._writer.late(late)
        marks.append(clock())
        for name, begun, ended in zip(STAGES, marks, marks[1:], strict=False):
            self.seconds[name] += ended - begun
        self.events += len(batch)

    def forget_times(self) -> None:
        """Count from here."""
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self.events = 0

    def costs(self) -> StageCosts:
        """What was counted."""
        each = {name: 1e6 * spent / self.events for name, spent in self.seconds.items()}
        total = sum(each.values())
        return StageCosts(
            self.events,
            {name: round(us, 2) for name, us in each.items()},
            round(total, 2),
            round(1e6 / total, 1),
        )


class Course(NamedTuple):
    """Records of so many partitions, the first `warm_events` of which fill the windows."""

    source: Iterator[Raw]
    warm_events: int
    partitions: int


class Measurement:
    """A course, taken bit by bit."""

    def __init__(self, ruleset: Ruleset, scoring: Scoring, course: Course, batch: int) -> None:
        self._timed = Timed(ruleset, course.partitions, scoring)
        self._feed = batches(course.source, batch)
        self._warm_events = course.warm_events

    def warm(self) -> None:
        """Fill the windows."""
        self.take(self._warm_events)
        self._timed.forget_times()

    def take(self, events: int) -> None:
        """The next so many events, to the end of their batch."""
        while events > 0 and (records := next(self._feed, None)):
            self._timed.on_batch(records)
            events -= len(records)

    def costs(self) -> StageCosts:
        """Of all that was taken since it was warm."""
        return self._timed.costs()


@contextmanager
def uncollected() -> Iterator[None]:
    """Python's collector is off meanwhile, as in the operator."""
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def stages(
    ruleset: Ruleset,
    scoring: Scoring,
    *,
    rate: float,
    users: int | None,
    events: int,
    batch: int,
    partitions: int,
) -> StageCosts:
    """Costs of `events` events of a stream at `rate`, after the windows have filled."""
    source = raws(stream(rate, WARM_S + events / rate, users), partitions)
    course = Course(source, round(WARM_S * rate), partitions)
    measured = Measurement(ruleset, scoring, course, batch)
    with uncollected():
        measured.warm()
        measured.take(events)
    return measured.costs()
