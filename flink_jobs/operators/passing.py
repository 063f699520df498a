"""What the sharded operators between the first and the last do alike: parcels in, parcels out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.lines import JSON_RECORD
from flink_jobs.metrics import ShardMetrics
from flink_jobs.operators.parcels import ParcelOperator
from risk.engine.stages.guard import NOWHERE
from risk.engine.stages.parcel import Parcel, decode
from risk.engine.stages.sharded import Addressed


class Passing(Protocol):
    """A shard's part of such an operator."""

    def on_batch(self, parcels: Sequence[Parcel]) -> Addressed:
        """Take in what the shards of the part before sent."""


Part = TypeVar("Part", bound=Passing)


class PassingOperator(ParcelOperator[Part, list[Row]]):
    """Keyed by the shard of its key: parcels → parcels. A subclass says what a part is."""

    def open(self, context: RuntimeContext) -> None:
        """Ready."""
        super().open(context)
        self._metrics = ShardMetrics(context.get_metrics_group(), self.parts, self._plan.shards)

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
        if letters:  # the last operator writes to Kafka
            yield from self.parcels([(0, Parcel(0, NOWHERE, False, [], [], letters))])

    def attempt(self, part: Part, entries: Sequence[Parcel]) -> list[Row]:
        """Take parcels in, and say what comes of it."""
        return list(self.parcels(part.on_batch(entries)))
