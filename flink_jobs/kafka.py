"""What a submission asks the broker."""

from __future__ import annotations

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from flink_jobs.settings import fail
from risk.kafka_client import client_config
from risk.settings import Kafka


def count_partitions(kafka: Kafka, topic: str) -> int:
    """How many partitions the topic has. Ends the submission where it isn't there."""
    try:
        found = AdminClient(client_config(kafka)).list_topics(topic, timeout=10).topics[topic]
    except KafkaException as error:
        fail(f"kafka: {kafka.servers}: {error.args[0].str()}: is the broker up?")
        raise AssertionError from None
    if found.error:
        fail(f"topics: {topic}: {found.error.str()}: `risk up` makes the topics")
    return len(found.partitions)
