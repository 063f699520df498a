"""Verdicts that came too late to count: risk.dlq is the record of them."""

from __future__ import annotations

from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from flink_jobs.letters import LATE_VERDICT, place
from risk.config.names import FEEDBACK_READER
from risk.config.settings import Settings
from risk.kafka.answers import answered
from risk.kafka.readable import partitions, reader, records


def recorded(settings: Settings) -> set[tuple[int, int]]:
    """Their partitions and offsets in risk.feedback. A broker that is away is waited for."""
    dlq, feedback = settings.topics.dlq, settings.topics.feedback
    consumer = reader(settings.kafka, FEEDBACK_READER)
    try:
        known = answered(lambda: partitions(consumer, dlq))
        letters = records(consumer, [TopicPartition(dlq, p, OFFSET_BEGINNING) for p in known])
        found = (place(one.headers() or (), feedback, LATE_VERDICT) for one in letters)
        return {position for position in found if position is not None}
    finally:
        consumer.close()
