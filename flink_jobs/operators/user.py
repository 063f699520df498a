"""The first of the sharded operators: raw records in, parcels for the ip operator out."""

from __future__ import annotations

from collections.abc import Iterator

from pyflink.common import Row
from pyflink.datastream import RuntimeContext

from flink_jobs.metrics import IntakeMetrics
from flink_jobs.operators.records import RecordOperator
from flink_jobs.state import ShardState
from risk.engine.stages.sharded import UserResult, UserShard


class UserOperator(RecordOperator[UserShard, UserResult]):
    """Keyed by the shard of the partition: batch → parcels, late events, dead letters."""

    def open(self, context: RuntimeContext) -> None:
        """Ready."""
        super().open(context)
        self._metrics = IntakeMetrics(context.get_metrics_group(), self.parts, self._plan.shards)

    def stages(self, shard: int, state: ShardState) -> UserShard:
        """Ingest, the user stage and verdicts."""
        plan = self._plan
        return UserShard(state.store, shard, plan.shards, plan.reading_of(shard), self._features)

    def rows(self, result: UserResult) -> Iterator[Row]:
        """Parcels, and what can't be scored."""
        yield from self.parcels(result.parcels)
        yield from self.left_out(result.late, result.rejected)
