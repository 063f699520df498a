"""Records of risk.transactions that are rejected before their bytes are looked at."""

from __future__ import annotations

from collections.abc import Collection

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Message

from flink_jobs.letters import CONNECT, FAILED, INTERNAL_ERROR
from risk.config.settings import Kafka, Settings
from risk.engine.oracle import too_large
from risk.kafka.scan import read_all

Position = tuple[int, int]


def condemned(settings: Settings) -> set[Position]:
    """The records that scoring has failed on, by partition and offset: risk.dlq is the record."""
    topic = settings.topics.transactions.encode()
    found = set()
    for message in read_all(settings, settings.topics.dlq):
        told = dict(message.headers() or ())
        stage = told.get(CONNECT + "stage") or b""
        if told.get(CONNECT + "topic") != topic or stage.split(b".")[0] != FAILED.encode():
            continue
        if told.get(CONNECT + "exception.class.name") == INTERNAL_ERROR.encode():
            found.add((int(told[CONNECT + "partition"]), int(told[CONNECT + "offset"])))
    return found


def fault(kafka: Kafka, message: Message, failed: Collection[Position]) -> str:
    """The reason; empty if the bytes are to be looked at."""
    if size := too_large(message.key(), message.value(), kafka.max_payment_bytes):
        return size
    if message.timestamp()[0] != TIMESTAMP_LOG_APPEND_TIME:
        return "create_time"
    return INTERNAL_ERROR if (message.partition(), message.offset()) in failed else ""
