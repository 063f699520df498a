"""The first of the sharded operators: raw records in, parcels for the ip operator out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.lines import raws
from flink_jobs.metrics import UserMetrics
from flink_jobs.operators.shard import ShardOperator, failed
from flink_jobs.rest import Resting
from flink_jobs.state import ShardState
from flink_jobs.watch import Watch
from risk.settings import with_secrets
from risk.stages.base import Raw
from risk.stages.sharded import UserPart, UserResult

Said = tuple[UserResult, list[Row]]


class UserOperator(ShardOperator[UserPart, Raw, Said]):
    """Keyed by the shard of the partition: batch → parcels, late events, dead letters."""

    def open(self, context: RuntimeContext) -> None:
        """Ready."""
        super().open(context)
        self._metrics = UserMetrics(context.get_metrics_group(), self.parts, self._plan.shards)
        self._settings = with_secrets(self._plan.settings, os.environ)
        self._resting: dict[int, Resting] = {}
        self._watches: dict[int, Watch] = {}

    def close(self) -> None:
        """Disconnect."""
        for resting in self._resting.values():
            resting.close()
        for watch in self._watches.values():
            watch.close()

    def build(self, shard: int, state: ShardState) -> UserPart:
        """Ingest and user stage, and who tells which partitions rest."""
        plan, settings = self._plan, self._settings
        scoring, topic = settings.scoring, settings.topics.transactions
        part = UserPart(
            state.store,
            shard,
            plan.shards,
            plan.starts_of(shard),
            scoring.lateness_ms,
            scoring.future_ms,
            plan.ends,
            plan.said,
        )
        key = plan.keys[shard]
        if key not in self._watches:
            self._watches[key] = Watch(settings.kafka, topic, self._metrics.lost)
        self._watches[key].begin(part.ingest, state.store("topic"))
        if key in self._resting:
            self._resting[key].close()
        self._resting[key] = Resting(part.ingest, settings.kafka, topic, scoring.idle_ms)
        return part

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Take a batch of records."""
        started = time.perf_counter()
        key = ctx.get_current_key()
        for records, (result, rows) in self.taken(key, raws(value)):
            self._resting[key].heard({raw.partition for raw in records})
            self._watches[key].heard(records)
            yield from rows
            self._metrics.batch(records, time.perf_counter() - started, result)
            started = time.perf_counter()
        self.next_tick(ctx)

    def attempt(self, part: UserPart, entries: Sequence[Raw]) -> Said:
        """Take records in, and say what comes of it."""
        result = part.on_batch(entries)
        return result, list(self._rows(result))

    def condemned(self, entry: Raw, error: Exception) -> Raw:
        """The record, to be rejected."""
        self._metrics.failed()
        return failed(entry, error)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        """See which partitions rest."""
        key = ctx.get_current_key()
        part = self.part(key)
        self._watches[key].tick()
        resting = self._resting[key].tick()
        if resting is not None:
            yield from self._rows(part.rest(resting))
            self.keep(key)
        self._metrics.flush()
        self.next_tick(ctx)

    def _rows(self, result: UserResult) -> Iterator[Row]:
        yield from self.parcels(result.parcels)
        yield from self.left_out(result.late, result.rejected)
