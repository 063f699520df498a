"""Where a partition's records end: not all of its offsets have one.

The markers of transactions take up offsets, and so does what an aborted one has written. So the
offset after the last record that anyone will ever read may lie before the partition's end.
"""

from __future__ import annotations

import time
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from risk.config.settings import Kafka
from risk.kafka.client import client_config

ANSWER_S: Final = 2.0
FIRST_STEP: Final = 64  # offsets to go back at first: markers are few, mostly


def reader(kafka: Kafka, group: str) -> Consumer:
    """A consumer for what is here: it is told where partitions end, and commits nothing."""
    return Consumer(
        {
            **client_config(kafka),
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 10,  # the end is told once the broker has nothing more
            "fetch.message.max.bytes": 65_536,  # one record says enough
        }
    )


def nothing_left(
    consumer: Consumer, topic: str, partition: int, read_to: int, end: int, wait_s: float = ANSWER_S
) -> bool:
    """Whether no record that can be read is at or after `read_to` and before `end`.

    `consumer` is one of `reader`. If the broker doesn't tell in time, there may be something left.
    Raises `KafkaException`.
    """
    if read_to >= end:
        return True
    low, _ = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=wait_s)
    begin = max(read_to, low)  # what was deleted is no longer left
    if begin >= end:
        return True
    return _first(consumer, TopicPartition(topic, partition, begin), end, wait_s) == end


def record_end(
    consumer: Consumer, topic: str, partition: int, low: int, high: int, wait_s: float = 15.0
) -> int:
    """The offset after the last record before `high`; `low`, that of the first, if there is none.

    Raises `KafkaException`, also if the broker doesn't tell in time.
    """
    step, end = FIRST_STEP, high
    while end > low:
        begin = max(low, end - step)
        last = _last(consumer, TopicPartition(topic, partition, begin), end, wait_s)
        if last is not None:
            return last + 1
        end, step = begin, 4 * step
    return low


def _first(consumer: Consumer, place: TopicPartition, end: int, wait_s: float) -> int | None:
    """The offset of the first record from a place on, or `end`; None if nobody tells."""
    consumer.assign([place])
    try:
        deadline = time.monotonic() + wait_s
        while (left := deadline - time.monotonic()) > 0:
            message = consumer.poll(left)
            if message is None:
                continue
            if (error := message.error()) is None:
                return min(end, int(message.offset()))
            if error.code() == KafkaError._PARTITION_EOF:
                return end
            raise KafkaException(error)
        return None
    finally:
        consumer.unassign()


def _last(consumer: Consumer, place: TopicPartition, end: int, wait_s: float) -> int | None:
    """The offset of the last record from a place on and before `end`; None if there is none."""
    consumer.assign([place])
    last: int | None = None
    try:
        deadline = time.monotonic() + wait_s
        while (left := deadline - time.monotonic()) > 0:
            message = consumer.poll(left)
            if message is None:
                continue
            if (error := message.error()) is None:
                if message.offset() >= end:
                    return last
                last = message.offset()
                if last + 1 >= end:
                    return last
            elif error.code() == KafkaError._PARTITION_EOF:
                return last
            else:
                raise KafkaException(error)
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
    finally:
        consumer.unassign()
