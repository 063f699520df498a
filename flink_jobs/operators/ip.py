"""The second of the sharded operators: parcels in, parcels for the device operator out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.lines import JSON_RECORD
from flink_jobs.metrics import ShardMetrics
from flink_jobs.operators.parcels import ParcelOperator
from flink_jobs.state import ShardState
from risk.engine.stages.guard import NOWHERE
from risk.engine.stages.parcel import Parcel, decode
from risk.engine.stages.sharded import IpShard


class IpOperator(ParcelOperator[IpShard, list[Row]]):
    """Keyed by the shard of the ip: parcels → parcels."""

    def open(self, context: RuntimeContext) -> None:
        """Ready."""
        super().open(context)
        self._metrics = ShardMetrics(context.get_metrics_group(), self.parts, self._plan.shards)

    def build(self, shard: int, state: ShardState) -> IpShard:
        """The ip stage."""
        return IpShard(state.store, shard, self._plan.shards)

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Take in what the shards of the user operator sent."""
        started = time.perf_counter()
        key = ctx.get_current_key()
        received = [decode(line) for line in value.split(JSON_RECORD)]
        for parcels, rows in self.taken(key, received):
            yield from rows
            self._metrics.batch(self.shard(key), parcels, time.perf_counter() - started)
            started = time.perf_counter()
        if letters := self.letters():  # the next operator writes to Kafka
            yield from self.parcels([(0, Parcel(0, NOWHERE, False, [], [], letters))])

    def attempt(self, part: IpShard, entries: Sequence[Parcel]) -> list[Row]:
        """Take parcels in, and say what comes of it."""
        return list(self.parcels(part.on_batch(entries)))
