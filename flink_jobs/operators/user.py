"""The first of the sharded operators: raw records in, parcels for the ip operator out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.intake import Intake
from flink_jobs.lines import raws
from flink_jobs.metrics import UserMetrics
from flink_jobs.operators.shard import ShardOperator, failed
from flink_jobs.state import ShardState
from risk.engine.stages.base import Raw
from risk.engine.stages.sharded import UserResult, UserShard

Output = tuple[UserResult, list[Row]]


class UserOperator(ShardOperator[UserShard, Raw, Output]):
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

    def build(self, shard: int, state: ShardState) -> UserShard:
        """Ingest and user stage, over what the broker says of their partitions."""
        plan, key = self._plan, self._plan.keys[shard]
        reading, features = plan.reading_of(shard), self._features
        part = UserShard(state.store, shard, plan.shards, reading, features)
        if key not in self._intakes:
            self._intakes[key] = Intake(plan, shard, self._metrics.lost)
        self._intakes[key].begin(part.ingest, part.feedback, state.store("topic"))
        return part

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Take a batch of records."""
        started = time.perf_counter()
        key = ctx.get_current_key()
        entries = raws(value)
        self.part(key)
        intake = self._intakes[key]
        intake.awake(entries)
        for records, (result, rows) in self.taken(key, entries):
            intake.read(records)
            yield from rows
            self._metrics.batch(records, time.perf_counter() - started, result)
            started = time.perf_counter()
        self.next_tick(ctx)

    def attempt(self, part: UserShard, entries: Sequence[Raw]) -> Output:
        """Take records in, and say what comes of it."""
        result = part.on_batch(entries)
        return result, list(self._rows(result))

    def condemned(self, entry: Raw, error: Exception) -> Raw:
        """The record, to be rejected."""
        self._metrics.failed()
        return failed(entry, error)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        """See which partitions are idle."""
        key = ctx.get_current_key()
        part = self.part(key)
        intake = self._intakes[key]
        idle, waits = intake.tick(), part.feedback.holds
        intake.listen()
        if idle is not None:
            yield from self._rows(part.on_idle(idle))
            self.keep(key)
        elif waits:
            yield from self._rows(part.on_batch([]))
            self.keep(key)
        yield from self.unheard(intake.late_verdicts())
        self._metrics.flush()
        self.next_tick(ctx)

    def _rows(self, result: UserResult) -> Iterator[Row]:
        yield from self.parcels(result.parcels)
        yield from self.left_out(result.late, result.rejected)
