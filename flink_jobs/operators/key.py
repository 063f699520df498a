"""A sharded operator for each key of declared features, between those of ip and device."""

from __future__ import annotations

from flink_jobs.operators.passing import PassingOperator
from flink_jobs.plan import ScoringPlan
from flink_jobs.state import ShardState
from risk.engine.stages.sharded import KeyShard


class KeyOperator(PassingOperator[KeyShard]):
    """Keyed by the shard of the key with that number among the job's."""

    def __init__(self, plan: ScoringPlan, number: int) -> None:
        super().__init__(plan)
        self._number = number

    def build(self, shard: int, state: ShardState) -> KeyShard:
        """The stage of the key."""
        return KeyShard(state.store, shard, self._plan.shards, self._features, self._number)
