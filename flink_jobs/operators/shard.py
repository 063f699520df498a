"""What all scoring operators do alike: shards with state, loaded once and then kept."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from flink_jobs.huge_pages import HugePages
from flink_jobs.letters import dead_letter
from flink_jobs.lines import JSON_RECORD, RECORD
from flink_jobs.messages import late_lines
from flink_jobs.plan import ScoringPlan
from flink_jobs.priority import favour_this_thread
from flink_jobs.rest import TICK_MS
from flink_jobs.state import ShardState
from flink_jobs.version import check
from risk.stages.ingest import Reject, TooLate
from risk.stages.keyed import some_of
from risk.stages.parcel import encode
from risk.stages.sharded import Addressed

# Bytes go to Java and the next task as they are; text is converted twice in the scoring thread.
BYTES = Types.PRIMITIVE_ARRAY(Types.BYTE())
# kind: a topic, "dlq", or "parcel" for the shard with that key; lines: UTF-8
OUTPUT = Types.ROW_NAMED(["kind", "shard", "lines"], [Types.STRING(), Types.INT(), BYTES])
NOWHERE = -1

Part = TypeVar("Part")


class ShardOperator(KeyedProcessFunction, Generic[Part]):  # type: ignore[misc]
    """Keyed by shard. A subclass says what a shard's part is, in `build`."""

    def __init__(self, plan: ScoringPlan) -> None:
        self._plan = plan

    def open(self, context: RuntimeContext) -> None:
        """Ready for the first element, with which a shard's state is loaded."""
        check(self._plan.code_version)
        favour_this_thread(self._plan.settings.scoring.niceness)
        self._map = context.get_map_state(
            MapStateDescriptor("shard", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
        )
        self._shards: dict[int, tuple[Part, ShardState]] = {}
        self._pages = HugePages(self._held) if self._plan.settings.scoring.huge_pages else None
        # Entries are tuples without cycles: the collector finds nothing, and walks them all.
        gc.collect()
        gc.freeze()
        gc.disable()

    def build(self, shard: int, state: ShardState) -> Part:
        """The part of a shard, over its state."""
        raise NotImplementedError

    def part(self, key: int) -> tuple[Part, ShardState]:
        """The part of the shard with that key, and its state; the current key must be that key.

        Called for every element, it also sees to the memory that all parts take.
        """
        if self._pages:
            self._pages.tick()
        found = self._shards.get(key)
        if found is None:
            state = ShardState(self._map)
            found = self._shards[key] = (self.build(self.shard(key), state), state)
        return found

    def parts(self) -> Iterable[tuple[int, Part]]:
        """All parts that this subtask has met, with their shards' numbers."""
        return [(self.shard(key), part) for key, (part, _) in self._shards.items()]

    def _held(self) -> Iterator[object]:
        for _, part in self.parts():
            yield from some_of(part)

    def shard(self, key: int) -> int:
        """The number of the shard with that key."""
        return self._plan.keys.index(key)

    def next_tick(self, ctx: Any) -> None:
        """Call `on_timer` at the next full second. Asked for twice, it comes once.

        It never ends, not even when all partitions rest: the timer is in the checkpoints, and a job
        that is restored from one, with nothing more to read, is woken by nothing else.
        """
        timers = ctx.timer_service()
        now = timers.current_processing_time()
        timers.register_processing_time_timer((now // TICK_MS + 1) * TICK_MS)

    def parcels(self, addressed: Addressed) -> Iterable[Row]:
        """Rows for the next stage."""
        keys = self._plan.keys
        return [Row("parcel", keys[shard], encode(parcel).encode()) for shard, parcel in addressed]

    def left_out(self, late: Sequence[TooLate], rejected: Sequence[Reject]) -> Iterable[Row]:
        """Rows of what can't be scored."""
        if self._plan.scores_only:
            return
        yield from messages(self._plan.settings.topics.late, late_lines(late, self._plan.run_id))
        if rejected:
            letters = RECORD.join(map(self._dead_letter, rejected))
            yield Row("dlq", NOWHERE, letters.encode())

    def _dead_letter(self, reject: Reject) -> str:
        settings = self._plan.settings
        topic, most = settings.topics.transactions, settings.kafka.max_record_bytes
        return dead_letter(topic, reject.raw, "decode", reject.reason, reject.message, most)


def messages(topic: str, lines: list[str]) -> Iterable[Row]:
    """The row of a topic's messages; none for none."""
    return [Row(topic, NOWHERE, JSON_RECORD.join(lines).encode())] if lines else []
