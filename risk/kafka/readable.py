"""Where a partition's records end: not all of its offsets have one.

The markers of transactions take up offsets, and so does what an aborted one has written. So the
offset after the last record that anyone will ever read may lie before the partition's end.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from risk.config.settings import Kafka
from risk.kafka import long_lived

ANSWER_S: Final = 2.0
POLL_S: Final = 1.0
FIRST_STEP: Final = 64  # offsets to go back at first: markers are few, mostly


def reader(kafka: Kafka, group: str) -> Consumer:
    """A consumer for what is here: it is told where partitions end, and commits nothing."""
    return long_lived.consumer(
        kafka,
        {
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 10,  # the end is told once the broker has nothing more
            "fetch.message.max.bytes": 65_536,  # one record says enough
        },
    )


def partitions(consumer: Consumer, topic: str, wait_s: float = ANSWER_S) -> list[int]:
    """The partitions that a topic has now; none if it isn't there. Raises `KafkaException`."""
    found = consumer.list_topics(topic, timeout=wait_s).topics[topic]
    if found.error and found.error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
        raise KafkaException(found.error)
    return list(found.partitions)


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
    place = TopicPartition(topic, partition, begin)
    try:
        with closing(records(consumer, [place], wait_s, strict=True)) as found:
            first = next(found, None)
    except KafkaException as error:
        if error.args[0].code() == KafkaError._TIMED_OUT:
            return False
        raise
    return first is None or first.offset() >= end


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


def records(
    consumer: Consumer,
    places: Sequence[TopicPartition],
    wait_s: float = math.inf,
    *,
    strict: bool = False,
    first: bool = False,
) -> Generator[Message, None, None]:
    """The records from these places on, up to where their partitions end; or the `first` of each.

    `consumer` is one of `reader`. A broker that is away is waited for, up to `wait_s`: then no more
    come. A partition that no longer has its place is at its end. With `strict` all of these raise
    `KafkaException` instead.
    """
    left = {place.partition for place in places}
    if not left:
        return
    ends = (KafkaError._PARTITION_EOF, *(() if strict else (KafkaError._AUTO_OFFSET_RESET,)))
    consumer.assign(list(places))
    try:
        deadline = time.monotonic() + wait_s
        while left and (still := deadline - time.monotonic()) > 0:
            message = consumer.poll(min(still, POLL_S))
            if message is None:
                continue
            error = message.error()
            if error is None:
                if message.partition() in left:
                    yield message
                if first:
                    left.discard(message.partition())
            elif error.code() in ends:
                left.discard(message.partition())
            elif strict:
                raise KafkaException(error)
        if left and strict:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
    finally:
        consumer.unassign()


def _last(consumer: Consumer, place: TopicPartition, end: int, wait_s: float) -> int | None:
    """The offset of the last record from a place on and before `end`; None if there is none."""
    last: int | None = None
    with closing(records(consumer, [place], wait_s, strict=True)) as found:
        for message in found:
            if message.offset() < end:
                last = message.offset()
            if message.offset() + 1 >= end:
                break
    return last
