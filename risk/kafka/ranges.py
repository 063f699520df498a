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

from risk.config.names import ENDS_READER
from risk.config.settings import Kafka
from risk.errors import UserError
from risk.kafka.answers import TIMEOUT_S, answered
from risk.kafka.client import client_config
from risk.kafka.readable import reader, record_end
from risk.kafka.topic import TopicFault, check_times, look
from risk.kafka.topic_settings import advice

OFFSETS = re.compile(r"\d+:\d+(,\d+:\d+)*")
START_FORMS = "group, earliest, latest, ms UTC or partition:offset,…"
END_FORMS = "latest, ms UTC or partition:offset,…"


class Range(NamedTuple):
    """Offsets by partition.

    At submission `low` was that of the first record, `high` the one after the last, or what was
    asked for. `warnings` are lines for whoever submits.
    """

    start: dict[int, int]
    end: dict[int, int] | None
    low: dict[int, int]
    high: dict[int, int]
    warnings: tuple[str, ...] = ()


def resolve(
    kafka: Kafka, topic: str, group: str, start: str, end: str | None, high: str = "latest"
) -> Range:
    """The offsets that `--start` and `--end` mean. Raises `UserError` where they mean none."""
    consumer = Consumer({**client_config(kafka), "group.id": group, "enable.auto.commit": False})
    records = reader(kafka, ENDS_READER)
    try:
        found = _resolve(consumer, records, topic, group, start, end, high)
        said = look(kafka, topic)
        check_times(said, topic, kafka.servers)
        more = advice(topic, said.compression, kafka.servers)
        return found._replace(warnings=(*found.warnings, more)) if more else found
    except TopicFault as error:
        raise UserError(str(error)) from None
    except KafkaException as error:
        raise UserError(
            f"kafka: {kafka.servers}: {error.args[0].str()}: is the broker up?"
        ) from None
    finally:
        consumer.close()
        records.close()


def kept_offsets(consumer: Consumer, partition: TopicPartition) -> tuple[int, int]:
    """A partition's first offset, and the one after its last. Raises `KafkaException`.

    One that is new, or whose leader has gone, is asked again.
    """
    found: tuple[int, int] = answered(
        lambda: consumer.get_watermark_offsets(partition, timeout=TIMEOUT_S)
    )
    return found


def _go_on(
    topic: str,
    group: str,
    done: Mapping[int, int],
    low: Mapping[int, int],
    high: Mapping[int, int],
) -> tuple[dict[int, int], list[str]]:
    """Where a group goes on, and what it will not find. Raises `UserError` if it can't go on."""
    begin, warnings = {}, []
    for partition, first in low.items():
        at = done.get(partition, first)
        if at > high[partition]:
            raise UserError(
                f"topic {topic} partition {partition} ends at {high[partition]}, but group {group} "
                f"has read to {at}: it was deleted and made again: start anew, without the state "
                "that was left: `risk submit all --anew`, or --start earliest"
            )
        if at < first:
            warnings.append(
                f"topic {topic} partition {partition}: offsets {at} to {first - 1} were deleted "
                f"before group {group} had read them: it goes on at {first} without these "
                f"{first - at:,}: raise the topic's retention.ms"
            )
        begin[partition] = at
    return begin, warnings


def _resolve(
    consumer: Consumer,
    records: Consumer,
    topic: str,
    group: str,
    start: str,
    end: str | None,
    upto: str,
) -> Range:
    found = consumer.list_topics(topic, timeout=TIMEOUT_S).topics[topic]
    if found.error:
        raise UserError(f"topics: {topic}: {found.error.str()}: `risk up` makes the topics")
    bounds = {p: kept_offsets(consumer, TopicPartition(topic, p)) for p in sorted(found.partitions)}
    low = {p: bound[0] for p, bound in bounds.items()}
    high = {p: bound[1] for p, bound in bounds.items()}
    high = _at(consumer, topic, "--read-to", upto, low, high)
    if end is not None:  # a bounded run ends when the last record is read, so that has to exist
        high = {p: record_end(records, topic, p, low[p], offset) for p, offset in high.items()}
    warnings: list[str] = []
    if start == "group":
        asked = [TopicPartition(topic, p) for p in low]
        committed = answered(lambda: consumer.committed(asked, timeout=TIMEOUT_S))
        done = {tp.partition: tp.offset for tp in committed if tp.offset != OFFSET_INVALID}
        begin, warnings = _go_on(topic, group, done, low, high)
    elif start == "earliest":
        begin = low
    else:
        begin = _at(consumer, topic, "--start", start, low, high)
    last = None if end is None else _at(consumer, topic, "--end", end, low, high)
    return Range(begin, last, low, high, tuple(warnings))


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
        raise UserError(f"{flag} {text}: use {START_FORMS if flag == '--start' else END_FORMS}")
    pairs = (pair.partition(":") for pair in text.split(","))
    named = {int(partition): int(offset) for partition, _, offset in pairs}
    if unknown := sorted(set(named) - set(low)):
        raise UserError(
            f"{flag} {text}: {topic} has no partition {unknown[0]}: it has 0 to {max(low)}"
        )
    # A partition that isn't named is read from its first record, or not to its end.
    rest = low if flag == "--start" else high
    return {p: min(max(named.get(p, rest[p]), low[p]), high[p]) for p in low}
