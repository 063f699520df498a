"""The scoring operator: a batch of raw records in, lines for Kafka out."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from flink_jobs.lines import JSON_RECORD, RECORD, clean, raw_line, raws
from flink_jobs.messages import Writer
from flink_jobs.metrics import ScoringMetrics
from flink_jobs.state import ShardState
from flink_jobs.version import check
from risk.rules import load
from risk.settings import Scoring, Topics
from risk.stages.fused import Fused, Result
from risk.stages.ingest import Reject

OUTPUT = Types.ROW_NAMED(["kind", "lines"], [Types.STRING(), Types.STRING()])
TICK_MS = 1_000


@dataclass(frozen=True)
class ScoringPlan:
    """What the operator is told at submission."""

    run_id: str
    code_version: str
    ruleset_files: Mapping[str, str]
    partitions: int
    scoring: Scoring
    topics: Topics


class Shard:
    """One shard's stages, and how long each of its partitions has been silent."""

    def __init__(self, plan: ScoringPlan, shard: int, state: ShardState) -> None:
        shards = plan.scoring.shards
        self.partitions = range(shard, plan.partitions, shards)
        self.stages = Fused(
            state.store, self.partitions, plan.scoring.lateness_ms, plan.scoring.future_ms
        )
        self.state = state
        self.silent = dict.fromkeys(self.partitions, 0)  # ticks since the last record
        self.ticking = False

    def heard(self, partitions: Iterable[int]) -> None:
        """Records of these partitions came."""
        for partition in partitions:
            self.silent[partition] = 0
        if self.stages.ingest.resting:
            self.stages.ingest.resting -= set(partitions)

    def tick(self, idle_ms: int) -> Result | None:
        """A second has passed; what settles because partitions rest.

        Counting ticks, not time: after a stall of the process one tick passes, not the stall.
        """
        for partition in self.silent:
            self.silent[partition] += 1
        resting = {p for p, ticks in self.silent.items() if ticks * TICK_MS >= idle_ms}
        return self.stages.rest(resting) if resting != self.stages.ingest.resting else None


class ScoringOperator(KeyedProcessFunction):  # type: ignore[misc]
    """Keyed by shard: Row(shard, batch) → Row(kind, lines), kind a topic or 'dlq'."""

    def __init__(self, plan: ScoringPlan) -> None:
        self._plan = plan

    def open(self, context: RuntimeContext) -> None:
        """Compile the rules; state is loaded with each shard's first element."""
        check(self._plan.code_version)
        self._map = context.get_map_state(
            MapStateDescriptor("shard", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
        )
        self._shards: dict[int, Shard] = {}
        self._writer = Writer(load(self._plan.ruleset_files), self._plan.run_id)
        self._metrics = ScoringMetrics(context.get_metrics_group())
        # Entries are tuples without cycles: the collector finds nothing, and walks them all.
        gc.collect()
        gc.freeze()
        gc.disable()

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Score a batch."""
        started = time.perf_counter()
        shard = self._shard(value[0])
        records = raws(value[1])
        shard.heard({raw.partition for raw in records})
        result = shard.stages.on_batch(records)
        yield from self._rows(shard, result)
        self._metrics.batch(len(records), time.perf_counter() - started, result, shard.stages)
        if not shard.ticking:
            self._next_tick(shard, ctx)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        """See which partitions rest."""
        shard = self._shard(ctx.get_current_key())
        result = shard.tick(self._plan.scoring.idle_ms)
        if result:
            yield from self._rows(shard, result)
            self._metrics.corrected(result, shard.stages)
        shard.ticking = False
        if len(shard.stages.ingest.resting) < len(shard.partitions):
            self._next_tick(shard, ctx)

    def _next_tick(self, shard: Shard, ctx: Any) -> None:
        timers = ctx.timer_service()
        timers.register_processing_time_timer(timers.current_processing_time() + TICK_MS)
        shard.ticking = True

    def _shard(self, number: int) -> Shard:
        shard = self._shards.get(number)
        if shard is None:
            shard = Shard(self._plan, number, ShardState(self._map))
            self._shards[number] = shard
        return shard

    def _rows(self, shard: Shard, result: Result) -> Iterator[Row]:
        now = time.time_ns() // 1_000_000
        topics = self._plan.topics
        scores, alerts = self._writer.verdicts(result.verdicts, now)
        late = self._writer.late(result.late)
        for topic, lines in ((topics.scores, scores), (topics.alerts, alerts), (topics.late, late)):
            if lines:
                yield Row(topic, JSON_RECORD.join(lines))
        if result.rejected:
            yield Row("dlq", RECORD.join(map(self._dead_letter, result.rejected)))
        shard.state.flush()

    def _dead_letter(self, reject: Reject) -> str:
        raw = reject.raw
        headers = (
            self._plan.topics.transactions,
            str(raw.partition),
            str(raw.offset),
            "decode",
            reject.reason,
            clean(reject.message),
        )
        return raw_line(headers, raw.key, raw.value)
