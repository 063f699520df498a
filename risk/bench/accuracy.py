"""How many scores in a topic the oracle calls wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from confluent_kafka import Consumer, TopicPartition

from risk.bench import kafka
from risk.config.names import BENCH_READER
from risk.config.settings import Settings
from risk.engine.messages import Late, Score, masked
from risk.engine.oracle import Consumed, Expected, Position, Settled, expected, too_large
from risk.engine.oracle.expected import EventKey
from risk.engine.payment.transaction import Rejected, decode
from risk.engine.rules import Ruleset
from risk.errors import StackError
from risk.kafka.client import client_config

AFTER_MS = 70_000  # an event may come so much after a later one and still count
SILENCE_S = 30
TRANSACTION = "transaction"  # so a payment that isn't as it was sent is counted among the features


class Accuracy(msgspec.Struct, frozen=True):
    """Of the `events` that are to be scored: with a wrong feature, or with no score at all.

    `extra` counts scores of events that are late, rejected or duplicates by the oracle, or said
    again with the same revision. `features` are counts of wrong values by feature; what is shown
    of the payment, its card masked, counts as one. Of the `late` payments, which are decided on
    what they say themselves, `late_wrong` have no such decision, or another.
    """

    events: int
    wrong: int
    missing: int
    extra: int
    wrong_share: float
    features: dict[str, int]
    late: int
    late_wrong: int


def accuracy(settings: Settings, ruleset: Ruleset, begin: int, end: int) -> Accuracy:
    """Of the events with a time from `begin` up to `end`, ms UTC, all of which were consumed.

    A corrected score counts as it was corrected.
    """
    records = up_to(_consumed(settings), end + AFTER_MS)
    wanted = expected(records, ruleset, settings.scoring, _recorded(settings))
    score = msgspec.json.Decoder(Score).decode
    messages = _read(settings, settings.topics.scores)
    return compare(wanted, (score(message.value()) for message in messages), begin, end)


def compare(wanted: Expected, scores: Iterable[Score], begin: int, end: int) -> Accuracy:
    """Of the events with a time from `begin` up to `end`."""
    right = {key: one for key, one in wanted.scores.items() if begin <= key[2] <= end}
    late = {key: one for key, one in wanted.late_scores.items() if begin <= key[2] <= end}
    # The same ids may be used again, and be late again, once the first are forgotten.
    times = Counter((j.txn.event_id, j.txn.user_id, j.txn.event_time) for j in wanted.late if j.txn)
    found: dict[EventKey, Score] = {}
    found_late: dict[EventKey, Score] = {}
    extra = 0
    for score in scores:
        if not begin <= score.event_time <= end:
            continue
        key = (score.event_id, score.user_id, score.event_time)
        if not score.late:
            before = found.get(key)
            if key not in right or (before and before.revision == score.revision):
                extra += 1
            elif not before or score.revision > before.revision:
                found[key] = score
        elif key in late:
            times[key] -= 1
            extra += times[key] < 0
            found_late.setdefault(key, score)
        else:  # one that came after what the oracle was given is late for sure
            extra += key in right
    wrong: Counter[str] = Counter()
    events = 0
    for key, score in found.items():
        names = _differ(right[key], score)
        wrong.update(names)
        events += bool(names)
    missing = len(right) - len(found)
    share = (events + missing) / max(1, len(right))
    return Accuracy(
        *(len(right), events, missing, extra, round(share, 4), dict(sorted(wrong.items()))),
        late=len(late),
        late_wrong=sum(
            key not in found_late or bool(_differ(one, found_late[key]))
            for key, one in late.items()
        ),
    )


def up_to(records: Iterable[Consumed], until: int) -> Iterator[Consumed]:
    """Each partition's records up to the first payment with a time after `until`.

    What comes after that is late or as late as that, and changes no earlier event.
    """
    over: set[int] = set()
    for record in records:
        if record.partition in over:
            continue
        yield record
        if record.fault:
            continue
        try:
            txn = decode(record.value, record.key)
        except Rejected:
            continue
        if until < txn.event_time < record.append_time:
            over.add(record.partition)


def _differ(right: Settled, score: Score) -> list[str]:
    """The names of what is not as it should be."""
    names = [name for name, value in right.features.items() if score.features[name] != value]
    return names if score.transaction == masked(right.txn) else [*names, TRANSACTION]


def _consumed(settings: Settings) -> Iterator[Consumed]:
    most = settings.kafka.max_payment_bytes
    for message in _read(settings, settings.topics.transactions):
        key, value = message.key(), message.value()
        yield Consumed(
            message.partition(),
            message.offset(),
            message.timestamp()[1],
            key,
            value,
            too_large(key, value, most),
        )


def _recorded(settings: Settings) -> Mapping[Position, int]:
    """How late, in ms, payments were whose partition had been silent."""
    late = msgspec.json.Decoder(Late).decode
    told = (late(message.value()) for message in _read(settings, settings.topics.late))
    return {(one.partition, one.offset): one.late_by for one in told if one.behind == "frontier"}


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
