"""The records that earlier runs found late because their partition had been silent.

Nothing in risk.transactions shows it, so risk.late is the record of it: a job that is restarted,
or a replay, judges these records as they were judged then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec
from confluent_kafka import Consumer, Message, TopicPartition

from risk.config.names import RECORDED_READER
from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.engine.messages import Late
from risk.kafka.answers import TIMEOUT_S, answered
from risk.kafka.ranges import kept_offsets
from risk.kafka.readable import partitions, reader, records

# A broker's clock may be behind that of the one that took the payment.
SKEW_MS = 60_000

_decode = decoder(Late)


def late_by(settings: Settings, read_to: Mapping[int, int]) -> dict[int, dict[int, int]]:
    """How late, by partition and offset, records from these offsets on were found to be.

    A broker that is away is waited for: nothing can be scored without it either. Raises
    `KafkaException`.
    """
    consumer = reader(settings.kafka, RECORDED_READER)
    found: defaultdict[int, dict[int, int]] = defaultdict(dict)
    try:
        since = _oldest(consumer, settings.topics.transactions, read_to)
        for message in _since(consumer, settings.topics.late, since) if since is not None else ():
            try:
                late = _decode(message.value() or b"")
            except msgspec.MsgspecError:
                continue
            if late.behind == "frontier" and late.offset >= read_to.get(late.partition, 0):
                found[late.partition][late.offset] = late.late_by
    finally:
        consumer.close()
    return dict(found)


def _oldest(consumer: Consumer, topic: str, read_to: Mapping[int, int]) -> int | None:
    """When the first record yet to be read was appended, ms UTC; None if there is none."""
    places = []
    for partition, offset in read_to.items():
        low, high = kept_offsets(consumer, TopicPartition(topic, partition))
        if max(low, offset) < high:
            places.append(TopicPartition(topic, partition, max(low, offset)))
    return min((m.timestamp()[1] for m in records(consumer, places, first=True)), default=None)


def _since(consumer: Consumer, topic: str, time: int) -> Iterator[Message]:
    """The records of a topic from a time on, up to where it ends now."""
    known = answered(lambda: partitions(consumer, topic, TIMEOUT_S))
    asked = [TopicPartition(topic, p, max(0, time - SKEW_MS)) for p in known]
    if not asked:
        return
    places = answered(lambda: consumer.offsets_for_times(asked, timeout=TIMEOUT_S))
    yield from records(consumer, [place for place in places if place.offset >= 0])
