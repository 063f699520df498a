"""What the operators that take parcels do alike: an event that one fails on is left out there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from msgspec import structs

from flink_jobs.letters import FAILED, INTERNAL_ERROR, dead_letter
from flink_jobs.logs import place
from flink_jobs.metrics import ShardMetrics
from flink_jobs.operators.shard import ShardOperator
from risk.engine.payment.transaction import encode
from risk.engine.stages.base import Item, Raw
from risk.engine.stages.guard import pieces
from risk.engine.stages.parcel import Parcel

Shard = TypeVar("Shard")
Output = TypeVar("Output")

log = logging.getLogger(__name__)


class ParcelOperator(ShardOperator[Shard, Parcel, Output]):
    """The stages before have counted the event already: what it did there stays."""

    _metrics: ShardMetrics

    def open(self, context: Any) -> None:
        """Ready."""
        super().open(context)
        self._letters: list[str] = []

    def apart(self, entries: Sequence[Parcel]) -> Iterable[Parcel]:
        """One event or correction each."""
        return pieces(entries)

    def condemned(self, entry: Parcel, error: Exception) -> Parcel:
        """The parcel without what it holds. A frontier can't be left out."""
        if not entry.items and not entry.corrections:
            raise error
        self._metrics.failed()
        for item in entry.items:
            log.error(
                *("an event is left out: partition %d, offset %d", item.partition, item.offset),
                exc_info=error,
                extra=self._extra(item),
            )
            if not item.suppressed and not self._plan.scores_only:
                self._letters.append(self._letter(item, error))
        for _ in entry.corrections:
            log.error("a correction is left out", exc_info=error)
        return structs.replace(entry, items=[], corrections=[])

    def letters(self) -> list[str]:
        """Dead letters, as lines, that were not yet asked for."""
        found, self._letters = self._letters, []
        return found

    def _letter(self, item: Item, error: Exception) -> str:
        settings, txn = self._plan.settings, item.txn
        topic, most = settings.topics.transactions, settings.kafka.max_record_bytes
        key, value = txn.user_id.encode(), encode(txn)
        raw = Raw(item.partition, item.offset, item.append_time, key, value)
        stage = f"{FAILED}.{type(self).__name__.removesuffix('Operator').lower()}"
        message = f"{type(error).__name__}: {error}"
        return dead_letter(topic, raw, stage, INTERNAL_ERROR, message, most, self._privacy)

    def _extra(self, item: Item) -> dict[str, object]:
        topic = self._plan.settings.topics.transactions
        return place(topic, item.partition, item.offset, item.txn.event_id)
