"""What all scoring operators do alike: shards with state, loaded once and then kept."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from msgspec import structs
from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from flink_jobs.huge_pages import HugePages
from flink_jobs.letters import FAILED, INTERNAL_ERROR, LATE_VERDICT, dead_letter
from flink_jobs.lines import JSON_RECORD, RECORD
from flink_jobs.loaded import load_all
from flink_jobs.logs import log_to, place_of
from flink_jobs.messages import late_lines
from flink_jobs.plan import ScoringPlan
from flink_jobs.priority import favour_this_thread
from flink_jobs.state import ShardState
from flink_jobs.version import check
from risk.config.privacy import Privacy
from risk.config.settings import with_secrets
from risk.engine import feedback
from risk.engine.feedback import Logged
from risk.engine.stages.base import Fault, Raw
from risk.engine.stages.guard import Guard, counts, go_on_counting
from risk.engine.stages.held import some_of
from risk.engine.stages.ingested import Reject, TooLate
from risk.engine.stages.parcel import encode
from risk.engine.stages.sharded import Addressed
from risk.engine.stages.watch import TICK_MS

# Bytes go to Java and the next task as they are; text is converted twice in the scoring thread.
BYTES = Types.PRIMITIVE_ARRAY(Types.BYTE())
# kind: a topic, "dlq", or "parcel" for the shard with that key; lines: UTF-8
OUTPUT = Types.ROW_NAMED(["kind", "shard", "lines"], [Types.STRING(), Types.INT(), BYTES])
NOWHERE = -1

Shard = TypeVar("Shard")
Entry = TypeVar("Entry")
Output = TypeVar("Output")

log = logging.getLogger(__name__)


class ShardOperator(KeyedProcessFunction, Generic[Shard, Entry, Output]):  # type: ignore[misc]
    """Keyed by shard. A subclass says what a shard's part is, in `build`.

    Its batches are of entries, and `attempt` says what comes of some: all that can fail for what
    is in them. What fails alone is replaced as `condemned` says.
    """

    def __init__(self, plan: ScoringPlan) -> None:
        self._plan = plan

    def open(self, context: RuntimeContext) -> None:
        """Ready for the first element, with which a shard's state is loaded."""
        check(self._plan.code_version)
        load_all()
        log_to(self._plan.settings, {"run": self._plan.run_id})
        self._features = self._plan.features()
        favour_this_thread(self._plan.settings.scoring.niceness)
        self._map = context.get_map_state(
            MapStateDescriptor("shard", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
        )
        self._shards: dict[int, tuple[Shard, ShardState]] = {}
        self._guards: dict[int, Guard[Entry, Output]] = {}
        self._counted: dict[int, list[int]] = {}
        self._pages = HugePages(self._held) if self._plan.settings.scoring.huge_pages else None
        # Entries are tuples without cycles: the collector finds nothing, and walks them all.
        gc.collect()
        gc.freeze()
        gc.disable()

    @cached_property
    def _privacy(self) -> Privacy:
        """What the texts of dead letters may quote; its salt is of this process's environment."""
        return with_secrets(self._plan.settings, os.environ).privacy

    def build(self, shard: int, state: ShardState) -> Shard:
        """The part of a shard, over its state."""
        raise NotImplementedError

    def attempt(self, part: Shard, entries: Sequence[Entry]) -> Output:
        """What comes of the entries."""
        raise NotImplementedError

    def apart(self, entries: Sequence[Entry]) -> Iterable[Entry]:
        """The same entries, each as small as can be."""
        return entries

    def condemned(self, entry: Entry, error: Exception) -> Entry:
        """What is taken instead of an entry that has failed alone."""
        raise NotImplementedError

    def taken(self, key: int, entries: Sequence[Entry]) -> Iterator[tuple[Sequence[Entry], Output]]:
        """Each portion of a batch, mostly all of it, and what came of it; then it is kept."""
        self.part(key)
        for portion, emitted in self._guards[key].take(entries):
            yield portion, emitted
            self.keep(key)

    def part(self, key: int) -> Shard:
        """The part of the shard with that key; the current key must be that key.

        Called for every element, it also sees to the memory that all parts take.
        """
        if self._pages:
            self._pages.tick()
        found = self._shards.get(key)
        if found is None:
            self._guards[key] = Guard(
                lambda entries: self.attempt(self._shards[key][0], entries),
                lambda: self._load(key),
                self.apart,
                self.condemned,
            )
            found = self._load(key)
        return found[0]

    def keep(self, key: int) -> None:
        """Write what a shard's part has changed."""
        part, state = self._shards[key]
        state.flush()
        self._counted[key] = counts(part)

    def _load(self, key: int) -> tuple[Shard, ShardState]:
        """Load a shard's part, as it was kept last; in place of the one that there is, if any."""
        before = self._shards.pop(key, None)
        if before is not None:
            log.exception("shard %d: a batch has failed: its records are tried alone", key)
            del before
            gc.collect()  # which is off otherwise
        state = ShardState(self._map)
        found = self._shards[key] = (self.build(self.shard(key), state), state)
        if key in self._counted:
            go_on_counting(found[0], self._counted[key])
        return found

    def parts(self) -> Iterable[tuple[int, Shard]]:
        """All parts that this subtask has met, with their shards' numbers."""
        return [(self.shard(key), part) for key, (part, _) in self._shards.items()]

    def _held(self) -> Iterator[object]:
        for _, part in self.parts():
            yield from some_of(part)

    def shard(self, key: int) -> int:
        """The number of the shard with that key."""
        return self._plan.keys.index(key)

    def next_tick(self, ctx: Any, every_ms: int = TICK_MS) -> None:
        """Call `on_timer` at the next full second, or multiple of another time. Asked for twice, it
        comes once.

        It never ends, not even when all partitions are idle: the timer is in the checkpoints, and a
        job that is restored from one, with nothing more to read, is woken by nothing else.
        """
        timers = ctx.timer_service()
        now = timers.current_processing_time()
        timers.register_processing_time_timer((now // every_ms + 1) * every_ms)

    def parcels(self, addressed: Addressed) -> Iterable[Row]:
        """Rows for the next stage."""
        keys = self._plan.keys
        return [Row("parcel", keys[shard], encode(parcel).encode()) for shard, parcel in addressed]

    def left_out(self, late: Sequence[TooLate], rejected: Sequence[Reject]) -> Iterable[Row]:
        """Rows of what can't be scored."""
        if self._plan.scores_only:
            return
        yield from messages(
            self._plan.settings.topics.late,
            late_lines(late, self._plan.run_id, self._plan.contract.declared),
        )
        if rejected:
            letters = RECORD.join(map(self._dead_letter, rejected))
            yield Row("dlq", NOWHERE, letters.encode())

    def put_aside(self, late: Sequence[Logged]) -> Iterable[Row]:
        """Rows of verdicts that came too late to count."""
        if late and not self._plan.scores_only:
            yield Row("dlq", NOWHERE, RECORD.join(map(self._late_verdict, late)).encode())

    def _late_verdict(self, one: Logged) -> str:
        settings, said = self._plan.settings, one.feedback
        raw = Raw(
            one.partition, one.offset, one.append_time, said.user_id.encode(), feedback.encode(said)
        )
        message = "known_at: payments after it are decided already: import verdicts before these"
        topic, most = settings.topics.feedback, settings.kafka.max_record_bytes
        return dead_letter(topic, raw, FAILED, LATE_VERDICT, message, most, self._privacy)

    def _dead_letter(self, reject: Reject) -> str:
        settings = self._plan.settings
        topic, most = settings.topics.transactions, settings.kafka.max_record_bytes
        stage = FAILED if reject.reason == INTERNAL_ERROR else "decode"
        said = (stage, reject.reason, reject.message)
        return dead_letter(topic, reject.raw, *said, most, self._privacy)


def failed(topic: str, raw: Raw, error: Exception) -> Raw:
    """A record that the stages have failed on, to be rejected."""
    log.error(
        *("partition %d, offset %d is left out", raw.partition, raw.offset),
        exc_info=error,
        extra=place_of(topic, raw),
    )
    fault = Fault(INTERNAL_ERROR, f"{type(error).__name__}: {error}")
    return structs.replace(raw, fault=fault)


def messages(topic: str, lines: list[str]) -> Iterable[Row]:
    """The row of a topic's messages; none for none."""
    return [Row(topic, NOWHERE, JSON_RECORD.join(lines).encode())] if lines else []
