"""The scoring job's metrics, which Flink's Prometheus reporter shows."""

from __future__ import annotations

from typing import Any

from risk.delivery import Written
from risk.stages.fused import Fused, Result


class ScoringMetrics:
    """Counts what every batch brought."""

    def __init__(self, group: Any) -> None:
        group = group.add_group("risk")
        self._records = group.counter("records_consumed")
        self._scored = group.counter("events_scored")
        self._rejected = group.counter("events_rejected")
        self._late = group.counter("events_late")
        self._duplicate = group.counter("events_duplicate")
        self._corrections = group.counter("corrections")
        self._batch_size = group.distribution("batch_size")
        self._batch_us = group.distribution("batch_us")
        self._behind = 0
        group.gauge("events_behind_frontier", lambda: self._behind)

    def batch(self, records: int, seconds: float, result: Result, stages: Fused) -> None:
        """Count a batch of so many records that took so long."""
        scored = sum(1 for verdict in result.verdicts if not verdict.revision)
        self._records.inc(records)
        self._scored.inc(scored)
        if result.rejected:
            self._rejected.inc(len(result.rejected))
        if result.late:
            self._late.inc(len(result.late))
        duplicates = records - scored - len(result.rejected) - len(result.late)
        if duplicates:
            self._duplicate.inc(duplicates)
        self._batch_size.update(records)
        self._batch_us.update(int(seconds * 1_000_000))
        self.corrected(result, stages)

    def corrected(self, result: Result, stages: Fused) -> None:
        """Count corrections."""
        corrections = sum(1 for verdict in result.verdicts if verdict.revision)
        if corrections:
            self._corrections.inc(corrections)
        self._behind = stages.behind_frontier


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
