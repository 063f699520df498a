"""Sends dead letters again, each once, to the topic and partition that its record came from.

The records and the notes that they were sent are one transaction of Kafka's: either both are there
or neither is, whenever this is interrupted. The transactions' name is one for all, so of two that
run at once the later stops the earlier, and then reads which were sent already.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from confluent_kafka import KafkaError, KafkaException, Producer

from risk.config.names import resend_transaction
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.client import client_config
from risk.kafka.scan import offsets, read_all, read_at
from risk.ops.dead_letters.letter import Letter, Position, note, provenance
from risk.ops.dead_letters.survey import Choice, Chosen

TIMEOUT_S: Final = 30.0
MOST_RECORDS: Final = 500  # of a transaction
MOST_BYTES: Final = 16_777_216
ENVELOPE: Final = 4_096  # what a record's batch has besides key and value
_FENCED: Final = (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH)


class Resent(msgspec.Struct):
    """What became of the records chosen: each is counted in one of these.

    `already`: sent by an earlier call. `too_large`: more than the topic takes. `gone`: the dead
    letter doesn't hold the record as it came, and its topic no longer has it. `unplaced`: the
    letter doesn't say what it is of, or its topic or partition isn't there.
    """

    sent: int = 0
    already: int = 0
    too_large: int = 0
    gone: int = 0
    unplaced: int = 0


class _Record(NamedTuple):
    """A record to send again, and its letters."""

    source: Position
    letters: Sequence[Letter]
    key: bytes | None
    value: bytes | None


def count(settings: Settings, choice: Choice, limit: int | None = None) -> Resent:
    """What `resend` would do. Raises `UserError`."""
    done = Resent()
    for _ in _records(settings, choice, limit, done):
        done.sent += 1
    return done


def resend(
    settings: Settings, choice: Choice, limit: int | None, report: Callable[[Resent], object]
) -> Resent:
    """Send those of the choice that weren't yet, at most `limit`; `report` is told how far it is.

    Raises `UserError`: what has been sent until then is noted, so the same call goes on from there.
    """
    kafka = settings.kafka
    producer = Producer(
        {
            **client_config(kafka),
            "acks": "all",
            "compression.type": "lz4",
            "transactional.id": resend_transaction(settings.topics.dlq),
            "message.max.bytes": kafka.max_record_bytes + ENVELOPE,
        }
    )
    done = Resent()
    try:
        producer.init_transactions(TIMEOUT_S)  # before the notes are read: none is added after that
        for batch in _batches(_records(settings, choice, limit, done)):
            _send(producer, settings.topics.dlq, batch)
            done.sent += len(batch)
            report(done)
    except KafkaException as error:
        with contextlib.suppress(KafkaException):
            producer.abort_transaction(TIMEOUT_S)
        code = error.args[0].code()
        why = "another one has begun" if code in _FENCED else error.args[0].str()
        raise UserError(f"kafka: {why}: {done.sent:,} were sent and are noted") from None
    return done


def _records(
    settings: Settings, choice: Choice, limit: int | None, done: Resent
) -> Iterator[_Record]:
    """The records to send again; `done` counts those that aren't."""
    chosen = Chosen(read_all(settings, settings.topics.dlq), choice)
    partitions: dict[str, Mapping[int, object]] = {}
    whole: dict[tuple[int, int], Position] = {}  # by where the letter is that has all of it
    others: dict[str, dict[tuple[int, int], Position]] = {}
    for source, letters in chosen.letters.items():
        if source in chosen.resent:
            done.already += 1
        elif letters[0].source is None or not _there(settings, source, partitions):
            done.unplaced += 1
        elif any((one.left_out or 0) > settings.kafka.max_record_bytes for one in letters):
            done.too_large += 1
        elif limit is not None and len(whole) + sum(map(len, others.values())) >= limit:
            continue
        elif held := next((one for one in letters if one.whole), None):
            whole[held.position[1:]] = source
        else:
            others.setdefault(source.topic, {})[source[1:]] = source
    for topic, wanted in ((settings.topics.dlq, whole), *others.items()):
        done.gone += len(wanted)
        for message in read_at(settings, topic, wanted):
            source = wanted[message.partition(), message.offset()]
            letters, key, value = chosen.letters[source], message.key(), message.value()
            if topic == source.topic and not _same(letters, value):
                continue  # the topic was made anew: another record stands there now
            done.gone -= 1
            if len(key or b"") + len(value or b"") > settings.kafka.max_record_bytes:
                done.too_large += 1
            else:
                yield _Record(source, letters, key, value)


def _there(settings: Settings, source: Position, known: dict[str, Mapping[int, object]]) -> bool:
    """Whether the topic and the partition are there."""
    if source.topic not in known:
        try:
            known[source.topic] = offsets(settings, source.topic)
        except UserError:
            known[source.topic] = {}
    return source.partition in known[source.topic]


def _same(letters: Sequence[Letter], value: bytes | None) -> bool:
    """Whether a value can be the one that the letters tell the size of."""
    told = {one.left_out for one in letters if one.left_out is not None}
    return not told or told == {len(value or b"")}


def _batches(records: Iterator[_Record]) -> Iterator[list[_Record]]:
    batch: list[_Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.key or b"") + len(record.value or b"")
        if len(batch) == MOST_RECORDS or size >= MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _send(producer: Producer, dlq: str, batch: Sequence[_Record]) -> None:
    """The records and their notes, in one transaction."""
    producer.begin_transaction()
    for source, letters, key, value in batch:
        # To its own partition: where all of its user's payments are.
        producer.produce(
            source.topic, value, key, partition=source.partition, headers=provenance(source)
        )
        # A note outlives its letter: it stands behind it in the same partition.
        for partition in {one.position.partition for one in letters}:
            producer.produce(dlq, partition=partition, headers=note(source))
    producer.commit_transaction(TIMEOUT_S)
