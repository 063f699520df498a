"""Whole topics, read once from end to end."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator, Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from risk.config.names import CLI_READER
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.client import client_config
from risk.kafka.ranges import kept_offsets

TIMEOUT_S = 15.0
POLL_S = 0.1
REFUSAL_S = 1.0  # a refusal comes at once, or from a host that is down not at all
BATCH = 10_000
NEAR = 1_000  # records that are rather read over than sought anew


def read_all(
    settings: Settings, topic: str, ends: Mapping[int, tuple[int, int]] | None = None
) -> Iterator[Message]:
    """Every record of a topic from its first up to where it ended at the call.

    With `ends`, which `offsets` has told, it is those records that are read, and none that came
    since. A partition's records come in the order of their offsets. Raises `UserError` if the
    broker can't be reached or has no such topic.
    """
    consumer = _consumer(settings)
    try:
        ends = _ends(consumer, topic, settings) if ends is None else ends
        consumer.assign([TopicPartition(topic, p, low) for p, (low, high) in ends.items()])
        open_ = {p for p, (low, high) in ends.items() if low < high}
        heard = time.monotonic()
        while open_:
            # A batch comes when it is full or the time is over, hence a short one.
            messages = consumer.consume(BATCH, timeout=POLL_S)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > TIMEOUT_S:
                raise UserError(f"{topic}: no answer from {settings.kafka.servers} any more")
            for message in messages:
                partition = message.partition()
                error = message.error()
                if error is not None:
                    if error.code() != KafkaError._PARTITION_EOF:
                        raise UserError(f"{topic}: {error.str()}")
                    # The last offsets may hold no record: markers of transactions, or compacted.
                    open_.discard(partition)
                    continue
                if message.offset() < ends[partition][1]:
                    yield message
                if message.offset() + 1 >= ends[partition][1]:
                    open_.discard(partition)
    except KafkaException as error:
        raise UserError(f"{topic}: {error.args[0].str()}") from None
    finally:
        consumer.close()


def read_at(settings: Settings, topic: str, places: Iterable[tuple[int, int]]) -> Iterator[Message]:
    """The records of a topic at these partitions and offsets, those that are still there.

    Partition by partition, in the order of their offsets. Raises `UserError` as `read_all` does.
    """
    consumer = _consumer(settings)
    try:
        ends = _ends(consumer, topic, settings)
        at = (-1, 0)  # what comes next: at first nothing
        heard = time.monotonic()
        for wanted in sorted(set(places)):
            partition, offset = wanted
            low, high = ends.get(partition, (0, 0))
            if not low <= offset < high:
                continue
            if partition != at[0] or not 0 <= offset - at[1] <= NEAR:
                consumer.assign([TopicPartition(topic, partition, offset)])
                at = wanted
            while at <= wanted:
                message = consumer.poll(POLL_S)
                if message is None:
                    if time.monotonic() - heard > TIMEOUT_S:
                        raise UserError(
                            f"{topic}: no answer from {settings.kafka.servers} any more"
                        )
                    continue
                heard = time.monotonic()
                if (error := message.error()) is not None:
                    if error.code() != KafkaError._PARTITION_EOF:
                        raise UserError(f"{topic}: {error.str()}")
                    at = (partition, high)  # no record stands from here on
                    continue
                at = (partition, message.offset() + 1)
                if message.offset() == offset:
                    yield message
    except KafkaException as error:
        raise UserError(f"{topic}: {error.args[0].str()}") from None
    finally:
        consumer.close()


def offsets(settings: Settings, topic: str) -> dict[int, tuple[int, int]]:
    """Each partition's first offset, and the one after its last, now. Raises `UserError`."""
    consumer = _consumer(settings)
    try:
        return _ends(consumer, topic, settings)
    except KafkaException as error:
        raise UserError(f"{topic}: {error.args[0].str()}") from None
    finally:
        consumer.close()


def _consumer(settings: Settings) -> Consumer:
    return Consumer(
        {
            **client_config(settings.kafka),
            "group.id": CLI_READER,  # asked for, but nothing is ever committed under it
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "fetch.message.max.bytes": max(1_048_576, settings.kafka.max_record_bytes),
        }
    )


def _ends(consumer: Consumer, topic: str, settings: Settings) -> dict[int, tuple[int, int]]:
    """Each partition's first offset, and the one after its last."""
    check_listening(settings)
    try:
        found = consumer.list_topics(topic, timeout=TIMEOUT_S).topics[topic]
    except KafkaException:
        raise _nobody(settings) from None
    if found.error is not None or not found.partitions:
        raise UserError(f"no topic {topic} at {settings.kafka.servers}: create it with `risk up`")
    return {p: kept_offsets(consumer, TopicPartition(topic, p)) for p in found.partitions}


def check_listening(settings: Settings) -> None:
    """Raise `UserError` if nothing listens where the brokers are. Kafka's client would try long."""
    if all(map(_refused, settings.kafka.servers.split(","))):
        raise _nobody(settings)


def _nobody(settings: Settings) -> UserError:
    where = settings.kafka.servers
    return UserError(f"no broker at {where}: start it with `risk up`, or set kafka.bootstrap")


def _refused(address: str) -> bool:
    """Whether nothing listens there. Kafka's client would try again for all of its time."""
    host, _, port = address.strip().rpartition(":")
    try:
        socket.create_connection((host, int(port)), REFUSAL_S).close()
    except ConnectionRefusedError:
        return True
    except (OSError, ValueError):  # it is for the client to say what is wrong
        return False
    return False
