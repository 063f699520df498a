"""The last of the sharded operators: parcels in, lines for risk.scores and risk.alerts out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.lines import JSON_RECORD, RECORD
from flink_jobs.metrics import DeviceMetrics
from flink_jobs.operators.decisions import DecisionWriter
from flink_jobs.operators.parcels import ParcelOperator
from flink_jobs.state import ShardState
from risk.engine.stages.guard import NOWHERE
from risk.engine.stages.parcel import Parcel, decode
from risk.engine.stages.sharded import DeviceShard


class DeviceOperator(ParcelOperator[DeviceShard, Iterable[Row]]):
    """Keyed by the shard of the device: parcels → scores and alerts."""

    def open(self, context: RuntimeContext) -> None:
        """Compile the rules."""
        super().open(context)
        group, live = context.get_metrics_group(), self._plan.kind == "live"
        self._metrics = DeviceMetrics(group, self.parts, self._plan.shards, live)
        self._decisions = DecisionWriter(self._plan, self._metrics.judgements)

    def build(self, shard: int, state: ShardState) -> DeviceShard:
        """The device stage and the decision."""
        plan = self._plan
        return DeviceShard(state.store, plan.shards, plan.emission, self._features)

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Take in what the shards of the operator before sent."""
        started = time.perf_counter()
        key = ctx.get_current_key()
        received = [decode(line) for line in value.split(JSON_RECORD)]
        letters = [letter for parcel in received for letter in parcel.letters]
        received = [parcel for parcel in received if not parcel.letters]
        for parcels, rows in self.taken(key, received):
            yield from rows
            self._metrics.batch(self.shard(key), parcels, time.perf_counter() - started)
            started = time.perf_counter()
        letters += self.letters()
        if letters:
            yield Row("dlq", NOWHERE, RECORD.join(letters).encode())

    def attempt(self, part: DeviceShard, entries: Sequence[Parcel]) -> Iterable[Row]:
        """Take parcels in, and say what comes of it."""
        rows = self._decisions.rows(part.on_batch(entries))
        # A replay may say all it has at once, of events taken long ago.
        return rows if self._plan.emission.settled_only else list(rows)
