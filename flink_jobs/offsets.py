"""Where a run begins and ends, as offsets: resolved once, at submission, and so on record.

A run that is told again from its first offset reads the very same records.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from confluent_kafka import (
    OFFSET_INVALID,
    Consumer,
    KafkaException,
    TopicPartition,
)

from flink_jobs.kafka import TIMEOUT_S, answered
from flink_jobs.readable import reader, record_end
from flink_jobs.settings import fail
from risk.kafka_client import client_config
from risk.settings import Kafka

OFFSETS = re.compile(r"\d+:\d+(,\d+:\d+)*")
START_FORMS = "group, earliest, latest, ms UTC or partition:offset,…"
END_FORMS = "latest, ms UTC or partition:offset,…"


class Range(NamedTuple):
    """Offsets by partition.

    At submission `low` was that of the first record, `high` the one after the last, or what was
    asked for.
    """

    start: dict[int, int]
    end: dict[int, int] | None
    low: dict[int, int]
    high: dict[int, int]


def resolve(
    kafka: Kafka, topic: str, group: str, start: str, end: str | None, high: str = "latest"
) -> Range:
    """The offsets that `--start` and `--end` mean. Ends the submission where they mean none."""
    consumer = Consumer({**client_config(kafka), "group.id": group, "enable.auto.commit": False})
    records = reader(kafka, "risk-ends")
    try:
        return _resolve(consumer, records, topic, start, end, high)
    except KafkaException as error:
        fail(f"kafka: {kafka.servers}: {error.args[0].str()}: is the broker up?")
        raise AssertionError from None
    finally:
        consumer.close()
        records.close()


def held(consumer: Consumer, partition: TopicPartition) -> tuple[int, int]:
    """A partition's first offset, and the one after its last. Raises `KafkaException`.

    One that is new, or whose leader has gone, is asked again.
    """
    found: tuple[int, int] = answered(
        lambda: consumer.get_watermark_offsets(partition, timeout=TIMEOUT_S)
    )
    return found


def _resolve(
    consumer: Consumer, records: Consumer, topic: str, start: str, end: str | None, upto: str
) -> Range:
    found = consumer.list_topics(topic, timeout=TIMEOUT_S).topics[topic]
    if found.error:
        fail(f"topics: {topic}: {found.error.str()}: `risk up` makes the topics")
    bounds = {p: held(consumer, TopicPartition(topic, p)) for p in sorted(found.partitions)}
    low = {p: bound[0] for p, bound in bounds.items()}
    high = {p: bound[1] for p, bound in bounds.items()}
    high = _at(consumer, topic, "--read-to", upto, low, high)
    if end is not None:  # a bounded run ends when the last record is read, so that has to exist
        high = {p: record_end(records, topic, p, low[p], offset) for p, offset in high.items()}
    if start == "group":
        asked = [TopicPartition(topic, p) for p in low]
        committed = answered(lambda: consumer.committed(asked, timeout=TIMEOUT_S))
        begin = {
            tp.partition: low[tp.partition] if tp.offset == OFFSET_INVALID else tp.offset
            for tp in committed
        }
    elif start == "earliest":
        begin = low
    else:
        begin = _at(consumer, topic, "--start", start, low, high)
    last = None if end is None else _at(consumer, topic, "--end", end, low, high)
    return Range(begin, last, low, high)


def _at(
    consumer: Consumer,
    topic: str,
    flag: str,
    text: str,
    low: Mapping[int, int],
    high: Mapping[int, int],
) -> dict[int, int]:
    if text == "latest":
        return dict(high)
    if text.isdecimal():
        asked = [TopicPartition(topic, p, int(text)) for p in low]
        times = consumer.offsets_for_times(asked, timeout=TIMEOUT_S)
        return {tp.partition: tp.offset if tp.offset >= 0 else high[tp.partition] for tp in times}
    if not OFFSETS.fullmatch(text):
        fail(f"{flag} {text}: use {START_FORMS if flag == '--start' else END_FORMS}")
    pairs = (pair.partition(":") for pair in text.split(","))
    named = {int(partition): int(offset) for partition, _, offset in pairs}
    if unknown := sorted(set(named) - set(low)):
        fail(f"{flag} {text}: {topic} has no partition {unknown[0]}: it has 0 to {max(low)}")
    # A partition that isn't named is read from its first record, or not to its end.
    rest = low if flag == "--start" else high
    return {p: min(max(named.get(p, rest[p]), low[p]), high[p]) for p in low}
