"""How the broker is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Final, TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from risk.config.settings import Kafka
from risk.errors import UserError
from risk.kafka.client import client_config

TIMEOUT_S: Final = 15.0  # for one answer
PATIENCE_S: Final = 45.0  # for one that is asked for again
POLL_S: Final = 0.1
# What a broker says that has just started, of a topic that is new or a group that has just gone, or
# while a leader has gone: it may answer in a moment. So may one that is too busy to answer in time.
NOT_YET: Final = (
    KafkaError._TIMED_OUT,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
)
Answer = TypeVar("Answer")


def answered(ask: Callable[[], Answer], not_yet: Collection[int] = NOT_YET) -> Answer:
    """The answer; a broker that can't give it yet is asked again. Raises `KafkaException`.

    `not_yet` are the codes of errors that may be over in a moment.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ask()
        except KafkaException as error:
            if error.args[0].code() not in not_yet or time.monotonic() > deadline:
                raise
            time.sleep(POLL_S)


def count_partitions(kafka: Kafka, topic: str) -> int:
    """How many partitions the topic has. Raises `UserError` where it isn't there."""
    try:
        found = AdminClient(client_config(kafka)).list_topics(topic, timeout=10).topics[topic]
    except KafkaException as error:
        raise UserError(
            f"kafka: {kafka.servers}: {error.args[0].str()}: is the broker up?"
        ) from None
    if found.error:
        raise UserError(f"topics: {topic}: {found.error.str()}: `risk up` makes the topics")
    return len(found.partitions)
