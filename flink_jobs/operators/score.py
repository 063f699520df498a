"""The fused placement's one operator: a batch of raw records in, lines for Kafka out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyflink.common import Row
from pyflink.datastream import RuntimeContext

from flink_jobs.metrics import ScoringMetrics
from flink_jobs.operators.decisions import DecisionWriter
from flink_jobs.operators.records import RecordOperator
from flink_jobs.state import ShardState
from risk.engine.stages.base import Raw
from risk.engine.stages.fused import Fused, Result


class ScoringOperator(RecordOperator[Fused, Result]):
    """Keyed by the one shard: batch → Row(kind, shard, lines), kind a topic or 'dlq'."""

    def open(self, context: RuntimeContext) -> None:
        """Compile the rules."""
        super().open(context)
        live = self._plan.kind == "live"
        metrics = ScoringMetrics(context.get_metrics_group(), self.parts, live)
        self._metrics = metrics
        self._decisions = DecisionWriter(self._plan, metrics.judgements)

    def stages(self, shard: int, state: ShardState) -> Fused:
        """All of them."""
        plan = self._plan
        return Fused(state.store, plan.reading_of(shard), plan.emission, self._features)

    def unsettled(self, part: Fused) -> int:
        """How many events may still be corrected."""
        return len(part.decide)

    def attempt(self, part: Fused, entries: Sequence[Raw]) -> tuple[Result, Iterable[Row]]:
        """Take records through all stages, and say what comes of it."""
        if not self._plan.emission.settled_only:
            return super().attempt(part, entries)
        # A replay may say all it has at once, of records taken long ago.
        result = part.on_batch(entries)
        return result, self.rows(result)

    def rows(self, result: Result) -> Iterator[Row]:
        """Decisions, and what can't be scored."""
        yield from self._decisions.rows(result.scorables)
        yield from self.left_out(result.late, result.rejected)
