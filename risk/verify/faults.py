"""Records of risk.transactions that are rejected before their bytes are looked at."""

from __future__ import annotations

from collections.abc import Collection

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Message

from flink_jobs.letters import CONNECT, FAILED, INTERNAL_ERROR, LATE_VERDICT, place
from risk.config.settings import Kafka, Settings
from risk.engine.oracle import too_large
from risk.kafka.scan import read_all

Position = tuple[int, int]


def condemned(settings: Settings) -> set[Position]:
    """The records that scoring has failed on, by partition and offset: risk.dlq is the record."""
    return _letters(settings, settings.topics.transactions, INTERNAL_ERROR)


def unheard(settings: Settings) -> set[Position]:
    """The verdicts that came too late to count, by partition and offset."""
    return _letters(settings, settings.topics.feedback, LATE_VERDICT)


def _letters(settings: Settings, topic: str, reason: str) -> set[Position]:
    """Of which records of a topic scoring says so in risk.dlq."""
    found = set()
    for message in read_all(settings, settings.topics.dlq):
        headers = message.headers() or ()
        stage = dict(headers).get(CONNECT + "stage") or b""
        position = place(headers, topic, reason)
        if position is not None and stage.split(b".")[0] == FAILED.encode():
            found.add(position)
    return found


def fault(kafka: Kafka, message: Message, failed: Collection[Position]) -> str:
    """The reason; empty if the bytes are to be looked at."""
    if size := too_large(message.key(), message.value(), kafka.max_payment_bytes):
        return size
    if message.timestamp()[0] != TIMESTAMP_LOG_APPEND_TIME:
        return "create_time"
    return INTERNAL_ERROR if (message.partition(), message.offset()) in failed else ""
