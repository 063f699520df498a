"""Records of risk.transactions that are rejected before their bytes are looked at."""

from __future__ import annotations

from collections.abc import Collection

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Message

from flink_jobs.letters import INTERNAL_ERROR
from risk.config.settings import Kafka
from risk.engine.oracle import too_large

Position = tuple[int, int]


def fault(kafka: Kafka, message: Message, failed: Collection[Position]) -> str:
    """The reason; empty if the bytes are to be looked at."""
    if size := too_large(message.key(), message.value(), kafka.max_payment_bytes):
        return size
    if message.timestamp()[0] != TIMESTAMP_LOG_APPEND_TIME:
        return "create_time"
    return INTERNAL_ERROR if (message.partition(), message.offset()) in failed else ""
