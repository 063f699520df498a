"""The fused placement's one operator: a batch of raw records in, lines for Kafka out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.intake import Intake
from flink_jobs.lines import raws
from flink_jobs.metrics import ScoringMetrics
from flink_jobs.operators.decisions import DecisionWriter
from flink_jobs.operators.shard import ShardOperator, failed
from flink_jobs.state import ShardState
from risk.engine.stages.base import Raw
from risk.engine.stages.fused import Fused, Result

Output = tuple[Result, Iterable[Row]]


class ScoringOperator(ShardOperator[Fused, Raw, Output]):
    """Keyed by the one shard: batch → Row(kind, shard, lines), kind a topic or 'dlq'."""

    def open(self, context: RuntimeContext) -> None:
        """Compile the rules."""
        super().open(context)
        live = self._plan.kind == "live"
        self._metrics = ScoringMetrics(context.get_metrics_group(), self.parts, live)
        self._decisions = DecisionWriter(self._plan, self._metrics.judgements)
        self._intake: Intake | None = None

    def close(self) -> None:
        """Disconnect."""
        if self._intake:
            self._intake.close()

    def build(self, shard: int, state: ShardState) -> Fused:
        """All stages, over what the broker says of their partitions."""
        plan = self._plan
        stages = Fused(state.store, plan.reading_of(shard), plan.emission, self._features)
        if self._intake is None:
            self._intake = Intake(plan, shard, self._metrics.lost)
        self._intake.begin(stages.ingest, stages.feedback, state.store("topic"))
        return stages

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Score a batch."""
        started = time.perf_counter()
        key, entries = ctx.get_current_key(), raws(value)
        self.part(key)
        assert self._intake is not None
        self._intake.awake(entries)
        for records, (result, rows) in self.taken(key, entries):
            self._intake.read(records)
            yield from rows
            self._metrics.batch(records, time.perf_counter() - started, result)
            started = time.perf_counter()
        self.next_tick(ctx)

    def attempt(self, part: Fused, entries: Sequence[Raw]) -> Output:
        """Take records through all stages, and say what comes of it."""
        result = part.on_batch(entries)
        rows = self._rows(result)
        # A replay may say all it has at once, of records taken long ago.
        return result, rows if self._plan.emission.settled_only else list(rows)

    def condemned(self, entry: Raw, error: Exception) -> Raw:
        """The record, to be rejected."""
        self._metrics.failed()
        return failed(entry, error)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        """See which partitions are idle."""
        key = ctx.get_current_key()
        stages = self.part(key)
        assert self._intake is not None
        idle, waits = self._intake.tick(), stages.feedback.holds
        self._intake.listen()
        if idle is not None:
            yield from self._rows(stages.on_idle(idle))
            self.keep(key)
        elif waits:
            yield from self._rows(stages.on_batch([]))
            self.keep(key)
        yield from self.unheard(self._intake.late_verdicts())
        self._metrics.flush()
        self.next_tick(ctx)

    def _rows(self, result: Result) -> Iterator[Row]:
        yield from self._decisions.rows(result.scorables)
        yield from self.left_out(result.late, result.rejected)
