"""The delivery operator: a batch of messages in, one write to the store; dead letters out."""

from __future__ import annotations

import importlib
import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyflink.common import Row, Types
from pyflink.datastream import ProcessFunction, RuntimeContext

from flink_jobs.letters import dead_letter
from flink_jobs.lines import RECORD, sourced
from flink_jobs.metrics import DeliveryMetrics
from flink_jobs.version import check
from risk.delivery import Message, Sink, Unavailable, Written, decode
from risk.settings import Settings, with_secrets
from risk.stages.base import Raw

OUTPUT = Types.ROW_NAMED(["kind", "lines"], [Types.STRING(), Types.PRIMITIVE_ARRAY(Types.BYTE())])
GIVE_UP_S = 60  # then Flink restarts the job, with a back-off of its own

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
    """

    def __init__(self, plan: DeliveryPlan) -> None:
        self._plan = plan

    def open(self, context: RuntimeContext) -> None:
        """Make the writer; it connects with the first batch."""
        check(self._plan.code_version)
        settings = with_secrets(self._plan.settings, os.environ)
        module = importlib.import_module(f"sinks.{self._plan.store}")
        self._sink: Sink = module.create(settings)
        self._opened = False
        self._metrics = DeliveryMetrics(context.get_metrics_group(), self._plan.store)

    def close(self) -> None:
        """Disconnect."""
        if self._opened:
            self._sink.close()

    def process_element(self, value: Row, ctx: ProcessFunction.Context) -> Iterator[Row]:
        """Write a batch."""
        dead: list[str] = []
        kept: list[tuple[str, Raw]] = []
        batch: list[Message] = []
        for topic, raw in sourced(value[1]):
            if raw.fault is not None:
                dead.append(self._dead_letter(topic, raw, raw.fault.reason, raw.fault.message))
                continue
            try:
                batch.append(decode(raw.value or b""))
                kept.append((topic, raw))
            except ValueError as error:
                dead.append(self._dead_letter(topic, raw, "invalid_message", str(error)))
        started = time.perf_counter()
        written = self._write(batch)
        for refused in written.refused:
            dead.append(self._dead_letter(*kept[refused.at], "refused", refused.reason))
        self._metrics.batch(written, len(dead), time.perf_counter() - started)
        if dead:
            yield Row("dlq", RECORD.join(dead).encode())

    def _write(self, batch: Sequence[Message]) -> Written:
        delivery = self._plan.settings.delivery
        wait = delivery.retry_min_ms / 1000
        give_up = time.monotonic() + GIVE_UP_S
        while True:
            try:
                if not self._opened:
                    self._sink.open()
                    self._opened = True
                return self._sink.write(batch)
            except Unavailable as error:
                self._metrics.retried()
                if time.monotonic() > give_up:
                    raise
                log.warning("%s: %s: again in %.1f s", self._plan.store, error, wait)
                time.sleep(wait)
                wait = min(2 * wait, delivery.retry_max_ms / 1000)

    def _dead_letter(self, topic: str, raw: Raw, reason: str, message: str) -> str:
        stage = f"deliver.{self._plan.store}"
        most = self._plan.settings.kafka.max_record_bytes
        return dead_letter(topic, raw, stage, reason, message, most)
