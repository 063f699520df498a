"""The last of the sharded operators: parcels in, lines for risk.scores and risk.alerts out."""

from __future__ import annotations

import time
from collections.abc import Iterator

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.lines import JSON_RECORD
from flink_jobs.metrics import DeviceMetrics
from flink_jobs.operators.shard import ShardOperator
from flink_jobs.operators.verdicts import VerdictWriter
from flink_jobs.state import ShardState
from risk.stages.parcel import decode
from risk.stages.sharded import DevicePart


class DeviceOperator(ShardOperator[DevicePart]):
    """Keyed by the shard of the device: parcels → scores and alerts."""

    def open(self, context: RuntimeContext) -> None:
        """Compile the rules."""
        super().open(context)
        self._verdicts = VerdictWriter(self._plan)
        self._metrics = DeviceMetrics(context.get_metrics_group(), self.parts)

    def build(self, shard: int, state: ShardState) -> DevicePart:
        """The device stage and the decision."""
        return DevicePart(state.store, self._plan.shards)

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Take in what the shards of the ip operator sent."""
        started = time.perf_counter()
        part, state = self.part(ctx.get_current_key())
        parcels = [decode(line) for line in value.split(JSON_RECORD)]
        verdicts = part.on_batch(parcels)
        yield from self._verdicts.rows(verdicts)
        state.flush()
        self._metrics.batch(verdicts, self._verdicts.last, time.perf_counter() - started)
