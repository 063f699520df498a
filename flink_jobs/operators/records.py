"""What the operators that read records do alike, in either placement: the first of the job."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from flink_jobs.intake import Intake
from flink_jobs.lines import raws
from flink_jobs.metrics import IntakeMetrics, Taken
from flink_jobs.operators.shard import ShardOperator, failed
from flink_jobs.state import ShardState
from risk.engine.stages.base import Raw
from risk.engine.stages.feedback import Feedback
from risk.engine.stages.ingest import Ingest
from risk.engine.stages.reading import Idle
from risk.engine.stages.watch import TICK_MS


class Reads(Protocol):
    """A shard's part that begins with records."""

    ingest: Ingest
    feedback: Feedback

    def on_batch(self, raws: Sequence[Raw]) -> Any:
        """Take a batch of records, in the order in which they were read."""

    def on_idle(self, idle: Idle) -> Any:
        """Nothing comes from some partitions."""


Part = TypeVar("Part", bound=Reads)
Result = TypeVar("Result", bound=Taken)


class RecordOperator(ShardOperator[Part, Raw, tuple[Result, Iterable[Row]]]):
    """Keyed by shard: batch → rows. A subclass says what a part is, and what is emitted."""

    _metrics: IntakeMetrics

    def open(self, context: RuntimeContext) -> None:
        """Ready."""
        super().open(context)
        self._intakes: dict[int, Intake] = {}

    def close(self) -> None:
        """Disconnect."""
        for intake in self._intakes.values():
            intake.close()

    def stages(self, shard: int, state: ShardState) -> Part:
        """The stages of a shard."""
        raise NotImplementedError

    def rows(self, result: Result) -> Iterator[Row]:
        """What is emitted of it."""
        raise NotImplementedError

    def unsettled(self, part: Part) -> int:
        """How many events have been emitted that may still be corrected; here nobody knows."""
        return 0

    def build(self, shard: int, state: ShardState) -> Part:
        """The stages, over what the broker says of their partitions."""
        part = self.stages(shard, state)
        if shard not in self._intakes:
            self._intakes[shard] = Intake(self._plan, shard, self._metrics.lost)
        self._intakes[shard].begin(part.ingest, part.feedback, state.store("topic"))
        return part

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Take a batch."""
        started = time.perf_counter()
        key, entries = ctx.get_current_key(), raws(value)
        self.part(key)
        intake = self._intakes[self.shard(key)]
        if intake.control:
            intake.control.before(entries)
        intake.awake(entries)
        for records, (result, rows) in self.taken(key, entries):
            intake.read(records)
            yield from rows
            self._metrics.batch(records, time.perf_counter() - started, result)
            started = time.perf_counter()
        self.next_tick(ctx)

    def attempt(self, part: Part, entries: Sequence[Raw]) -> tuple[Result, Iterable[Row]]:
        """Take records in, and say what comes of it."""
        result = part.on_batch(entries)
        return result, list(self.rows(result))

    def condemned(self, entry: Raw, error: Exception) -> Raw:
        """The record, to be rejected."""
        self._metrics.failed()
        return failed(self._plan.settings.topics.transactions, entry, error)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        """See which partitions are idle, and what is new in the feedback."""
        key = ctx.get_current_key()
        part, intake = self.part(key), self._intakes[self.shard(key)]
        whole = timestamp % TICK_MS == 0
        moved = self._agree(part, intake, ctx, whole)
        if not whole:
            return
        idle, waits = intake.tick(), part.feedback.holds
        intake.read_feedback()
        if idle is not None or waits or moved:
            yield from self.rows(part.on_batch([]) if idle is None else part.on_idle(idle))
            self.keep(key)
        late_verdicts = intake.too_late()
        if not (intake.control and intake.control.follows):
            yield from self.put_aside(late_verdicts)
        self._metrics.flush()
        self.next_tick(ctx)

    def _agree(self, part: Part, intake: Intake, ctx: Any, whole: bool) -> bool:
        """See what other runs say. Whether the frontier may move by it."""
        if intake.control is None:
            return False
        moved = intake.control.look(intake.at_end, self.unsettled(part), whole)
        if soon := intake.control.tick_ms:
            self.next_tick(ctx, soon)
        return moved
