"""The first of the sharded operators: raw records in, parcels for the ip operator out."""

from __future__ import annotations

import time
from collections.abc import Iterator

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.intake import Intake
from flink_jobs.lines import raws
from flink_jobs.metrics import UserMetrics
from flink_jobs.operators.shard import ShardOperator
from flink_jobs.state import ShardState
from risk.stages.sharded import UserPart, UserResult


class UserOperator(ShardOperator[UserPart]):
    """Keyed by the shard of the partition: batch → parcels, late events, dead letters."""

    def open(self, context: RuntimeContext) -> None:
        """Ready."""
        super().open(context)
        self._metrics = UserMetrics(context.get_metrics_group(), self.parts, self._plan.shards)
        self._intakes: dict[int, Intake] = {}

    def close(self) -> None:
        """Disconnect."""
        for intake in self._intakes.values():
            intake.close()

    def build(self, shard: int, state: ShardState) -> UserPart:
        """Ingest and user stage, and who watches the partitions."""
        plan = self._plan
        part = UserPart(state.store, shard, plan.shards, plan.reading_of(shard))
        self._intakes[plan.keys[shard]] = Intake(plan, shard, part.ingest)
        return part

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Take a batch of records."""
        started = time.perf_counter()
        key = ctx.get_current_key()
        part, state = self.part(key)
        records = raws(value)
        self._intakes[key].heard({raw.partition for raw in records})
        result = part.on_batch(records)
        yield from self._rows(result, state)
        self._metrics.batch(records, time.perf_counter() - started, result)
        self.next_tick(ctx)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        """See which partitions are idle."""
        key = ctx.get_current_key()
        part, state = self.part(key)
        idle = self._intakes[key].tick()
        if idle is not None:
            yield from self._rows(part.on_idle(idle), state)
        self._metrics.flush()
        self.next_tick(ctx)

    def _rows(self, result: UserResult, state: ShardState) -> Iterator[Row]:
        yield from self.parcels(result.parcels)
        yield from self.left_out(result.late, result.rejected)
        state.flush()
