"""Verdicts that came too late to count: risk.dlq is the record of them."""

from __future__ import annotations

from confluent_kafka import TopicPartition

from flink_jobs.letters import LATE_VERDICT, place
from risk.config.names import FEEDBACK_READER
from risk.config.settings import Settings
from risk.kafka.answers import TIMEOUT_S, answered
from risk.kafka.ranges import kept_offsets
from risk.kafka.readable import reader, records


def recorded(settings: Settings) -> set[tuple[int, int]]:
    """Their partitions and offsets in risk.feedback. A broker that is away is waited for."""
    topics = settings.topics
    consumer = reader(settings.kafka, FEEDBACK_READER)
    try:
        known = answered(lambda: consumer.list_topics(topics.dlq, timeout=TIMEOUT_S))
        asked = [TopicPartition(topics.dlq, p) for p in known.topics[topics.dlq].partitions]
        starts = [
            TopicPartition(topics.dlq, one.partition, kept_offsets(consumer, one)[0])
            for one in asked
        ]
        letters = records(consumer, starts)
        found = (place(one.headers() or (), topics.feedback, LATE_VERDICT) for one in letters)
        return {position for position in found if position is not None}
    finally:
        consumer.close()
