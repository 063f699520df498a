"""What is tried on the Kafka of a secure stack, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from risk.config import names
from risk.config.kafka import of_job
from risk.config.settings import Kafka
from risk.kafka.client import client_config
from risk.kafka.quiet import SILENT
from risk.stack.roles import DELIVERIES
from tests.integration.secure_stack import Secure

ANSWER_S = 30.0


def account(secure: Secure, name: str) -> Kafka:
    """The section of a role, or of a delivery job by its store."""
    if name in DELIVERIES:
        return of_job(secure.as_role("jobs").kafka, name)
    return secure.as_role(name).kafka  # type: ignore[arg-type]


def written(kafka: Kafka, topic: str) -> int | None:
    """None if the broker has taken a record, else the error's code."""
    codes: list[int | None] = []
    config = {"acks": "all", "message.timeout.ms": int(ANSWER_S * 1000), "enable.idempotence": True}
    producer = Producer({**client_config(kafka), **SILENT, **config})
    producer.produce(
        topic, b"{}", on_delivery=lambda error, _: codes.append(error and error.code())
    )
    try:
        producer.flush(ANSWER_S + 5)
    except KafkaException as error:  # without any topic to write to it isn't let begin
        return int(error.args[0].code())
    (code,) = codes
    return code


def read(kafka: Kafka, topic: str, group: str = names.CLI_READER) -> int | None:
    """None if records can be read, or there are none, else the error's code."""
    with closing(Consumer({**client_config(kafka), **SILENT, **_reading(group)})) as consumer:
        # A consumer isn't told of a topic that it may not even see.
        if (error := consumer.list_topics(topic, timeout=ANSWER_S).topics[topic].error) is not None:
            return int(error.code())
        consumer.assign([TopicPartition(topic, 0, 0)])
        return _first(consumer)


def joined(kafka: Kafka, topic: str, group: str) -> int | None:
    """None if the group can be joined, else the error's code."""
    with closing(Consumer({**client_config(kafka), **SILENT, **_reading(group)})) as consumer:
        consumer.subscribe([topic])
        return _first(consumer)


def refused(ask: Callable[[AdminClient], Any], kafka: Kafka) -> int:
    """The code of what is said against it."""
    admin = AdminClient({**client_config(kafka), **SILENT})
    (future,) = ask(admin).values()
    with pytest.raises(KafkaException) as caught:
        future.result()
    return int(caught.value.args[0].code())


def gets_in(kafka: Kafka) -> bool:
    """Whether the broker answers a client at all."""
    try:
        AdminClient({**client_config(kafka), **SILENT}).list_topics(timeout=3)
    except KafkaException:
        return False
    return True


def _reading(group: str) -> dict[str, Any]:
    return {"group.id": group, "enable.partition.eof": True}


def _first(consumer: Consumer) -> int | None:
    message = consumer.poll(ANSWER_S)
    error = KafkaError(KafkaError._TIMED_OUT) if message is None else message.error()
    return None if error is None or error.code() == KafkaError._PARTITION_EOF else error.code()
