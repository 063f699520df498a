"""The second of the sharded operators: the ip stage."""

from __future__ import annotations

from flink_jobs.operators.passing import PassingOperator
from flink_jobs.state import ShardState
from risk.engine.stages.sharded import IpShard


class IpOperator(PassingOperator[IpShard]):
    """Keyed by the shard of the ip."""

    def build(self, shard: int, state: ShardState) -> IpShard:
        """The ip stage."""
        return IpShard(state.store, shard, self._plan.shards, self._features)
