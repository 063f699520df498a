"""The fused placement's one operator: a batch of raw records in, lines for Kafka out."""

from __future__ import annotations

import time
from collections.abc import Iterator

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.intake import Intake
from flink_jobs.lines import raws
from flink_jobs.metrics import ScoringMetrics
from flink_jobs.operators.shard import ShardOperator
from flink_jobs.operators.verdicts import VerdictWriter
from flink_jobs.state import ShardState
from risk.stages.fused import Fused, Result


class ScoringOperator(ShardOperator[Fused]):
    """Keyed by the one shard: batch → Row(kind, shard, lines), kind a topic or 'dlq'."""

    def open(self, context: RuntimeContext) -> None:
        """Compile the rules."""
        super().open(context)
        live = self._plan.kind == "live"
        self._metrics = ScoringMetrics(context.get_metrics_group(), self.parts, live)
        self._verdicts = VerdictWriter(self._plan, self._metrics.judgements)
        self._intake: Intake | None = None

    def close(self) -> None:
        """Disconnect."""
        if self._intake:
            self._intake.close()

    def build(self, shard: int, state: ShardState) -> Fused:
        """All stages, and who watches the partitions."""
        stages = Fused(state.store, self._plan.reading_of(shard), self._plan.word)
        self._intake = Intake(self._plan, shard, stages.ingest)
        return stages

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Score a batch."""
        started = time.perf_counter()
        stages, state = self.part(ctx.get_current_key())
        assert self._intake is not None
        records = raws(value)
        self._intake.heard({raw.partition for raw in records})
        result = stages.on_batch(records)
        yield from self._rows(result, state)
        self._metrics.batch(records, time.perf_counter() - started, result)
        self.next_tick(ctx)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        """See which partitions are idle."""
        stages, state = self.part(ctx.get_current_key())
        assert self._intake is not None
        idle = self._intake.tick()
        if idle is not None:
            yield from self._rows(stages.on_idle(idle), state)
        self._metrics.flush()
        self.next_tick(ctx)

    def _rows(self, result: Result, state: ShardState) -> Iterator[Row]:
        yield from self._verdicts.rows(result.verdicts)
        yield from self.left_out(result.late, result.rejected)
        state.flush()
