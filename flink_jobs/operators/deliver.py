"""The delivery operator: a batch of messages in, one write to the store; dead letters out."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import ProcessFunction, RuntimeContext

from flink_jobs.letters import INVALID, REFUSED, dead_letter
from flink_jobs.lines import RECORD, sourced
from flink_jobs.loaded import load_all
from flink_jobs.logs import MOST_LINES, log_to, put_aside
from flink_jobs.metrics import DeliveryMetrics
from flink_jobs.version import check
from risk.config.names import delivery_stage
from risk.config.settings import Settings, with_secrets
from risk.engine.delivery import Unavailable, Writer, Written
from risk.engine.quoted import values, without
from risk.engine.refusals import Limit
from risk.engine.stages.base import Raw
from sinks import again, registry

OUTPUT = Types.ROW_NAMED(["kind", "lines"], [Types.STRING(), Types.PRIMITIVE_ARRAY(Types.BYTE())])

# Since when a store has taken nothing, by its name: the interpreter lives as long as its
# TaskManager, so a job that is restarted in it knows of the time before.
_blocked_since: dict[str, float] = {}
# So it knows what the store refused before, too: by the store's name and the setting.
_limits: dict[tuple[str, int], Limit] = {}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeliveryPlan:
    """What the operator is told at submission. The settings are without secrets."""

    store: str
    code_version: str
    settings: Settings


class DeliveryOperator(ProcessFunction):  # type: ignore[misc]
    """Row(shard, batch) → Row('dlq', lines) for what the store will never take.

    While the store is away the operator waits and tries the same batch again: nothing is buffered
    here, so what isn't written stays in Kafka.

    It doesn't wait for ever. As long as it waits, it passes no checkpoint's barrier and can't be
    cancelled: checkpoints fail after two minutes, the fourth in a row fails the job, and a task
    that doesn't end within three minutes of that takes its TaskManager with it. So the batch is
    given up in time, after `delivery.give_up_ms`. Then Flink shows why, restarts the job from its
    last checkpoint with pauses of its own, and it tries again: a store may be away for any time.
    How long it has been is told with each try (`delivery_blocked_ms`), over restarts too.

    A store that refuses nearly every message for the same reason is held to be away: it is its
    schema that is wrong, and what it refuses is not put aside (`delivery.refused_limit`).
    """

    def __init__(self, plan: DeliveryPlan) -> None:
        self._plan = plan
        self._sink: Writer[Any] | None = None

    def open(self, context: RuntimeContext) -> None:
        """Make the writer; it connects with the first batch."""
        check(self._plan.code_version)
        load_all()
        settings = with_secrets(self._plan.settings, os.environ)
        log_to(settings, {"store": self._plan.store})
        self._privacy = settings.privacy
        delivery = registry.delivery(self._plan.store)
        self._read, self._sink = delivery.read, delivery.load().create(settings)
        most = settings.delivery.refused_limit
        self._limit = _limits.setdefault((self._plan.store, most), Limit(most))
        self._opened = False
        self._metrics = DeliveryMetrics(context.get_metrics_group(), self._plan.store)
        if since := _blocked_since.get(self._plan.store):
            self._metrics.blocked(time.monotonic() - since)

    def close(self) -> None:
        """Disconnect."""
        if self._sink is not None:
            self._sink.close()

    def process_element(self, value: Row, ctx: ProcessFunction.Context) -> Iterator[Row]:
        """Write a batch."""
        dead: list[str] = []
        kept: list[tuple[str, Raw]] = []
        batch: list[Any] = []
        ignored = 0
        for topic, raw in sourced(value[1]):
            if raw.fault is not None:
                fault = raw.fault
                dead.append(self._dead_letter(len(dead), topic, raw, fault.reason, fault.message))
                continue
            if raw.value is None:  # a tombstone says nothing of any payment
                ignored += 1
                continue
            try:
                batch.append(self._read(raw))
                kept.append((topic, raw))
            except ValueError as error:
                why = str(error)
                dead.append(self._dead_letter(len(dead), topic, raw, INVALID, why))
        started = time.perf_counter()
        written = self._write(batch) if batch else Written()
        for refused in written.refused:
            topic, raw = kept[refused.at]
            dead.append(self._dead_letter(len(dead), topic, raw, REFUSED, refused.reason))
        self._metrics.batch(written, len(dead), ignored, time.perf_counter() - started)
        if dead:
            if len(dead) > MOST_LINES:
                log.warning("%s: %d more are put aside", self._plan.store, len(dead) - MOST_LINES)
            yield Row("dlq", RECORD.join(dead).encode())

    def _write(self, batch: Sequence[Any]) -> Written:
        """Write a batch, in as many tries as it takes. Raises `Unavailable` when it gives up."""
        store, delivery, sink = self._plan.store, self._plan.settings.delivery, self._sink
        assert sink is not None, "open() comes first"
        wait = delivery.retry_min_ms / 1000
        started = time.monotonic()
        while True:
            try:
                if not self._opened:
                    sink.open()
                    self._opened = True
                written = self._unquoted(again.write(sink, batch, delivery), batch)
                held = self._limit.judge(written)
                self._metrics.held(held is not None)
                if held is not None:
                    raise Unavailable(held.line(store))
            except Unavailable as error:
                self._opened = False  # what opening sees to may be gone when the store is back
                self._metrics.retried()
                now = time.monotonic()
                self._metrics.blocked(now - _blocked_since.setdefault(store, started))
                if now - started > delivery.give_up_ms / 1000:
                    raise
                log.warning("%s: %s: again in %.1f s", store, error, wait)
                time.sleep(wait)
                wait = min(2 * wait, delivery.retry_max_ms / 1000)
            else:
                if _blocked_since.pop(store, None) is not None:
                    self._metrics.blocked(0)
                return written

    def _unquoted(self, written: Written, batch: Sequence[Any]) -> Written:
        """What came of a batch: what the store says of a message may quote it."""
        refused = tuple(
            one._replace(reason=without(one.reason, values(batch[one.at]), self._privacy))
            for one in written.refused
        )
        return written._replace(refused=refused)

    def _dead_letter(self, before: int, topic: str, raw: Raw, reason: str, message: str) -> str:
        """The line of one, which is logged, too, if not many of the batch were before."""
        settings, store = self._plan.settings, self._plan.store
        most, stage = settings.kafka.max_record_bytes, delivery_stage(store)
        if before < MOST_LINES:
            put_aside(log, store, topic, raw, reason, message, self._privacy)
        return dead_letter(topic, raw, stage, reason, message, most, self._privacy)
