"""The first of the sharded operators: raw records in, parcels for the ip operator out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.lines import raws
from flink_jobs.metrics import UserMetrics
from flink_jobs.operators.shard import ShardOperator
from flink_jobs.rest import Resting
from flink_jobs.state import ShardState
from risk.settings import with_secrets
from risk.stages.sharded import UserPart, UserResult


class UserOperator(ShardOperator[UserPart]):
    """Keyed by the shard of the partition: batch → parcels, late events, dead letters."""

    def open(self, context: RuntimeContext) -> None:
        """Ready."""
        super().open(context)
        self._metrics = UserMetrics(context.get_metrics_group(), self.parts, self._plan.shards)
        self._settings = with_secrets(self._plan.settings, os.environ)
        self._resting: dict[int, Resting] = {}

    def close(self) -> None:
        """Disconnect."""
        for resting in self._resting.values():
            resting.close()

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
        self._resting[plan.keys[shard]] = Resting(
            part.ingest, settings.kafka, topic, scoring.idle_ms
        )
        return part

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Take a batch of records."""
        started = time.perf_counter()
        key = ctx.get_current_key()
        part, state = self.part(key)
        records = raws(value)
        self._resting[key].heard({raw.partition for raw in records})
        result = part.on_batch(records)
        yield from self._rows(result, state)
        self._metrics.batch(records, time.perf_counter() - started, result)
        self.next_tick(ctx)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        """See which partitions rest."""
        key = ctx.get_current_key()
        part, state = self.part(key)
        resting = self._resting[key].tick()
        if resting is not None:
            yield from self._rows(part.rest(resting), state)
        self._metrics.flush()
        self.next_tick(ctx)

    def _rows(self, result: UserResult, state: ShardState) -> Iterator[Row]:
        yield from self.parcels(result.parcels)
        yield from self.left_out(result.late, result.rejected)
        state.flush()
