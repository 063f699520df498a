"""How many scores in a topic the oracle calls wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from confluent_kafka import Consumer, TopicPartition

from risk.bench import kafka
from risk.config.names import BENCH_READER
from risk.config.settings import Settings
from risk.engine.messages import Score
from risk.engine.oracle import Consumed, expected
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import Ruleset
from risk.errors import StackError
from risk.kafka.client import client_config

AFTER_MS = 70_000  # an event may come so much after a later one and still count
SILENCE_S = 30


class Accuracy(msgspec.Struct, frozen=True):
    """Of the `events` that are to be scored: with a wrong feature, or with no score at all.

    `extra` counts scores of events that are late or duplicates by the oracle, or scores said
    again with the same revision. `features` are counts of wrong values by feature.
    """

    events: int
    wrong: int
    missing: int
    extra: int
    wrong_share: float
    features: dict[str, int]


def accuracy(settings: Settings, ruleset: Ruleset, begin: int, end: int) -> Accuracy:
    """Of the events with a time from `begin` up to `end`, ms UTC, all of which were consumed.

    A corrected score counts as it was corrected.
    """
    wanted = expected(_consumed(settings, end + AFTER_MS), ruleset, settings.scoring).scores
    wanted = {key: settled for key, settled in wanted.items() if begin <= key[2] <= end}
    found: dict[tuple[str, str, int], Score] = {}
    extra = 0
    decode = msgspec.json.Decoder(Score).decode
    for message in _read(settings, settings.topics.scores):
        score = decode(message.value())
        if not begin <= score.event_time <= end:
            continue
        key = (score.event_id, score.user_id, score.event_time)
        before = found.get(key)
        if key not in wanted or (before and before.revision == score.revision):
            extra += 1
        elif not before or score.revision > before.revision:
            found[key] = score
    wrong: Counter[str] = Counter()
    events = 0
    for key, score in found.items():
        right = wanted[key].features
        names = [name for name, value in right.items() if score.features[name] != value]
        wrong.update(names)
        events += bool(names)
    missing = len(wanted) - len(found)
    share = (events + missing) / max(1, len(wanted))
    return Accuracy(
        len(wanted), events, missing, extra, round(share, 4), dict(sorted(wrong.items()))
    )


_transaction = msgspec.json.Decoder(Transaction).decode


def _consumed(settings: Settings, until: int) -> Iterator[Consumed]:
    """Each partition's records up to the first with a time after `until`.

    What comes after that is late or as late as that, and changes no earlier event.
    """
    over: set[int] = set()
    for message in _read(settings, settings.topics.transactions):
        partition = message.partition()
        if partition in over:
            continue
        value = message.value()
        yield Consumed(partition, message.offset(), message.timestamp()[1], message.key(), value)
        try:
            txn = _transaction(value or b"")
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
        if until < txn.event_time < message.timestamp()[1]:
            over.add(partition)


def _read(settings: Settings, topic: str) -> Iterator[Any]:
    """A topic's messages from the first up to where it ends at the call."""
    ends = kafka.ends(settings, topic)
    left = {partition for partition, end in ends.items() if end}
    config = {"group.id": BENCH_READER, "enable.auto.commit": False}
    consumer = Consumer({**client_config(settings.kafka), **config})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in left])
    silent = 0.0
    try:
        while left:
            messages = consumer.consume(5_000, 0.2)
            silent = 0.0 if messages else silent + 0.2
            if silent > SILENCE_S:
                raise StackError(f"kafka: {topic} can't be read to its end")
            for message in messages:
                if message.error():
                    continue
                if message.offset() < ends[message.partition()]:
                    yield message
                if message.offset() + 1 >= ends[message.partition()]:
                    left.discard(message.partition())
    finally:
        consumer.close()
