"""The jobs' metrics, which Flink's Prometheus reporter shows.

They are kept as plain numbers and read when they are asked for: a call into the JVM with every
batch would cost more than the counting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flink_jobs.messages import Lines
from risk.delivery import Written
from risk.stages.base import Raw
from risk.stages.decide import Verdict
from risk.stages.fused import Fused, Result
from risk.stages.sharded import DevicePart, UserPart, UserResult

Parts = Callable[[], Iterable[Any]]


class Numbers:
    """Named numbers of one operator, each a gauge."""

    def __init__(self, group: Any, names: Sequence[str]) -> None:
        self.group = group.add_group("risk")
        self._numbers = dict.fromkeys(names, 0)
        for name in names:
            self.group.gauge(name, lambda name=name: self._numbers[name])

    def add(self, name: str, count: int) -> None:
        """Count."""
        self._numbers[name] += count


INTAKE = ("records_consumed", "events_scored", "events_rejected", "events_late", "events_duplicate")
WORK = ("batches", "batch_us")


class ScoringMetrics(Numbers):
    """Of the fused operator: all there is."""

    def __init__(self, group: Any, parts: Callable[[], Iterable[Fused]]) -> None:
        super().__init__(group, (*INTAKE, *WORK, "corrections"))
        self.group.gauge("events_behind_frontier", lambda: sum(p.behind_frontier for p in parts()))
        self.group.gauge("shards_settled", lambda: sum(p.ingest.all_rest() for p in parts()))

    def batch(self, records: Sequence[Raw], seconds: float, result: Result, stages: Fused) -> None:
        """Count a batch of records that took so long."""
        scored = sum(1 for verdict in result.verdicts if not verdict.revision)
        _intake(self, len(records), scored, len(result.rejected), len(result.late))
        self.add("batches", 1)
        self.add("batch_us", int(seconds * 1_000_000))
        self.corrected(result, stages)

    def corrected(self, result: Result, stages: Fused) -> None:
        """Count corrections."""
        self.add("corrections", sum(1 for verdict in result.verdicts if verdict.revision))


class UserMetrics(Numbers):
    """Of the first sharded operator."""

    def __init__(self, group: Any, parts: Callable[[], Iterable[UserPart]]) -> None:
        super().__init__(group, (*INTAKE, *WORK))
        self.group.gauge(
            "events_behind_frontier", lambda: sum(p.user.behind_frontier for p in parts())
        )

    def batch(self, records: Sequence[Raw], seconds: float, result: UserResult) -> None:
        """Count a batch of records that took so long."""
        _intake(self, len(records), result.scored, len(result.rejected), len(result.late))
        self.add("batches", 1)
        self.add("batch_us", int(seconds * 1_000_000))


class PartMetrics(Numbers):
    """Of an operator between."""

    def __init__(self, group: Any, parts: Parts) -> None:
        super().__init__(group, ("events", *WORK))
        self.group.gauge(
            "events_behind_frontier", lambda: sum(p.ip.behind_frontier for p in parts())
        )

    def batch(self, events: int, seconds: float) -> None:
        """Count a batch of so many events that took so long."""
        self.add("events", events)
        self.add("batches", 1)
        self.add("batch_us", int(seconds * 1_000_000))


class DeviceMetrics(Numbers):
    """Of the last sharded operator."""

    def __init__(self, group: Any, parts: Callable[[], Iterable[DevicePart]]) -> None:
        super().__init__(group, ("events", *WORK, "corrections"))
        self.group.gauge(
            "events_behind_frontier", lambda: sum(p.device.behind_frontier for p in parts())
        )
        self.group.gauge("shards_settled", lambda: sum(p.gather.all_rest for p in parts()))

    def batch(self, verdicts: Sequence[Verdict], lines: Lines, seconds: float) -> None:
        """Count a batch of verdicts that took so long."""
        corrections = sum(1 for verdict in verdicts if verdict.revision)
        self.add("events", len(verdicts) - corrections)
        self.add("corrections", corrections)
        self.add("batches", 1)
        self.add("batch_us", int(seconds * 1_000_000))


def _intake(numbers: Numbers, records: int, scored: int, rejected: int, late: int) -> None:
    numbers.add("records_consumed", records)
    numbers.add("events_scored", scored)
    numbers.add("events_rejected", rejected)
    numbers.add("events_late", late)
    numbers.add("events_duplicate", records - scored - rejected - late)


class DeliveryMetrics:
    """Counts what a delivery job wrote to its store."""

    def __init__(self, group: Any, store: str) -> None:
        group = group.add_group("risk").add_group("store", store)
        self._rows = group.counter("rows_written")
        self._older = group.counter("rows_older")
        self._dead = group.counter("rows_dead_lettered")
        self._retries = group.counter("write_retries")
        self._write_us = group.distribution("write_us")

    def batch(self, written: Written, dead: int, seconds: float) -> None:
        """Count a batch that took so long to write."""
        self._rows.inc(written.rows)
        self._older.inc(written.older)
        self._dead.inc(dead)
        self._write_us.update(int(seconds * 1_000_000))

    def retried(self) -> None:
        """Count a write that the store didn't take."""
        self._retries.inc()
