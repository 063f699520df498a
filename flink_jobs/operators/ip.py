"""The second of the sharded operators: parcels in, parcels for the device operator out."""

from __future__ import annotations

import time
from collections.abc import Iterator

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.lines import JSON_RECORD
from flink_jobs.metrics import ShardMetrics
from flink_jobs.operators.shard import ShardOperator
from flink_jobs.state import ShardState
from risk.stages.parcel import decode
from risk.stages.sharded import IpPart


class IpOperator(ShardOperator[IpPart]):
    """Keyed by the shard of the ip: parcels → parcels."""

    def open(self, context: RuntimeContext) -> None:
        """Ready."""
        super().open(context)
        self._metrics = ShardMetrics(context.get_metrics_group(), self.parts, self._plan.shards)

    def build(self, shard: int, state: ShardState) -> IpPart:
        """The ip stage."""
        return IpPart(state.store, shard, self._plan.shards)

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Take in what the shards of the user operator sent."""
        started = time.perf_counter()
        key = ctx.get_current_key()
        part, state = self.part(key)
        parcels = [decode(line) for line in value.split(JSON_RECORD)]
        yield from self.parcels(part.on_batch(parcels))
        state.flush()
        self._metrics.batch(self.shard(key), parcels, time.perf_counter() - started)
