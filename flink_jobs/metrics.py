"""The operators' metrics, which Flink's Prometheus reporter shows.

Counting is plain Python; Flink is told once a second, and whenever the input is idle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flink_jobs.counters import Numbers
from flink_jobs.measures import Intake, Judgements, Latency, Parts, StateGauges, Work
from risk.config import metric_names as names
from risk.engine.delivery import Written
from risk.engine.stages.base import Raw
from risk.engine.stages.fused import Result
from risk.engine.stages.parcel import Parcel
from risk.engine.stages.sharded import UserResult

Taken = Result | UserResult  # what came of a batch of records


class OperatorMetrics:
    """What all scoring operators measure alike. `group` is Flink's metric group."""

    def __init__(self, group: Any, parts: Parts) -> None:
        self._numbers = Numbers(group)
        self._parts = parts
        self._work = Work(self._numbers)
        self._gauges = StateGauges(self._numbers, parts)
        self._errors = self._numbers.number(names.INTERNAL_ERRORS)

    def failed(self) -> None:
        """An entry was left out, as the stages failed on it."""
        self._errors.value += 1

    def flush(self) -> None:
        """Tell Flink all that is new."""
        self._gauges.look()
        self._numbers.flush()

    def _done(self, records: int, seconds: float, at_once: bool = False) -> None:
        """A batch is done: tell Flink if it is time to."""
        self._work.count(records, seconds)
        if at_once or self._numbers.due():
            self.flush()


class IntakeMetrics(OperatorMetrics):
    """Of an operator that reads records."""

    def __init__(self, group: Any, parts: Parts, shards: int) -> None:
        super().__init__(group, parts)
        self._intake = Intake(self._numbers, parts, shards)
        self._lost = self._numbers.number(names.LOST)

    def flush(self) -> None:
        """Tell Flink all that is new."""
        self._intake.look()
        super().flush()

    def batch(self, records: Sequence[Raw], seconds: float, result: Taken) -> None:
        """Count a batch of records that took so long."""
        self._intake.count(records, result.scored, result.rejected, len(result.late))
        self._done(len(records), seconds)

    def lost(self, records: int) -> None:
        """So many records were deleted before they were read."""
        self._lost.value += records


class ShardMetrics(OperatorMetrics):
    """Of an operator that takes parcels."""

    def __init__(self, group: Any, parts: Parts, shards: int) -> None:
        super().__init__(group, parts)
        self._events = [self._numbers.number(names.EVENTS, str(shard)) for shard in range(shards)]

    def batch(self, shard: int, parcels: Sequence[Parcel], seconds: float) -> None:
        """Count a batch of parcels that took so long."""
        events = sum(len(parcel.items) for parcel in parcels)
        self._events[shard].value += events
        # When the input is idle or has ended, by a parcel that may hold the last events, there may
        # be no other soon.
        last = not events or any(parcel.settle_all or parcel.all_settled for parcel in parcels)
        self._done(events, seconds, at_once=last)


class ScoringMetrics(IntakeMetrics):
    """Of the fused operator: all there is. How late a score is concerns `live` runs alone."""

    def __init__(self, group: Any, parts: Parts, live: bool = True) -> None:
        super().__init__(group, parts, shards=1)
        self._settled = self._numbers.number(names.SHARDS_SETTLED)
        self._latency, self._live = Latency(self._numbers), live
        self.judgements = Judgements(self._numbers, self._errors)

    def batch(self, records: Sequence[Raw], seconds: float, result: Taken) -> None:
        """Count a batch of records that took so long."""
        if self._live:
            self._latency.count(raw.append_time for raw in records)
        super().batch(records, seconds, result)

    def flush(self) -> None:
        """Tell Flink all that is new."""
        self._settled.value = sum(part.all_settled for _, part in self._parts())
        super().flush()


class DeviceMetrics(ShardMetrics):
    """Of the last sharded operator. How late a score is concerns `live` runs alone."""

    def __init__(self, group: Any, parts: Parts, shards: int, live: bool = True) -> None:
        super().__init__(group, parts, shards)
        self._settled = self._numbers.number(names.SHARDS_SETTLED)
        self._latency, self._live = Latency(self._numbers), live
        self.judgements = Judgements(self._numbers, self._errors)

    def batch(self, shard: int, parcels: Sequence[Parcel], seconds: float) -> None:
        """Count a batch of parcels that took so long."""
        if self._live:
            self._latency.count(
                item.append_time
                for parcel in parcels
                for item in parcel.items
                if item.verdict is None
            )
        super().batch(shard, parcels, seconds)

    def flush(self) -> None:
        """Tell Flink all that is new."""
        self._settled.value = sum(part.gather.all_settled for _, part in self._parts())
        super().flush()


WRITE_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class DeliveryMetrics:
    """What a delivery job wrote to its store. Told at once: its batches are few."""

    def __init__(self, group: Any, store: str) -> None:
        self._numbers = Numbers(group)
        self._rows, self._older, self._dead, self._ignored, self._erased = (
            self._numbers.number(names.ROWS, store, result)
            for result in ("written", "older", "dead_lettered", "ignored", "erased")
        )
        self._retries = self._numbers.number(names.WRITE_RETRIES, store)
        self._seconds = self._numbers.histogram(names.WRITE_SECONDS, WRITE_S, store)
        self._blocked = self._numbers.number(names.DELIVERY_BLOCKED, store)
        self._held = self._numbers.number(names.DELIVERY_HELD, store)

    def batch(self, written: Written, dead: int, ignored: int, seconds: float) -> None:
        """Count a batch that took so long to write."""
        self._rows.value += written.rows
        self._older.value += written.older
        self._dead.value += dead
        self._ignored.value += ignored
        self._erased.value += written.erased
        self._seconds.observe(seconds)
        self._numbers.flush()

    def retried(self) -> None:
        """Count a write that the store didn't take."""
        self._retries.value += 1

    def blocked(self, seconds: float) -> None:
        """The store has not taken the batch at hand for so long; 0: it has."""
        self._blocked.value = round(seconds * 1_000)
        self._numbers.flush()

    def held(self, held: bool) -> None:
        """Whether the store refuses so many alike that none are put aside; told with `blocked`."""
        self._held.value = int(held)
