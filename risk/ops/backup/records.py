"""A topic as a file: a JSON object a line, compressed; and such a file as a topic again."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from generator.publish import ENVELOPE, PRODUCER
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.client import client_config
from risk.kafka.quiet import SILENT
from risk.kafka.scan import read_all

LEVEL: Final = 1  # of compression: records are of a kind, and more costs more than it saves
ANSWER_MS: Final = 60_000
POLL_S: Final = 0.1

Report = Callable[[str, int], object]  # a topic, and how many of its records so far


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record as it stood in its topic. Bytes are base64. `time` is the broker's, in ms UTC."""

    partition: int
    offset: int
    time: int
    key: bytes | None = None
    value: bytes | None = None
    headers: list[tuple[str, bytes | None]] = []


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Record).decode


def save(
    settings: Settings,
    topic: str,
    ends: Mapping[int, tuple[int, int]],
    path: Path,
    report: Report,
) -> int:
    """Write a topic's records up to these ends; how many. Raises `UserError`."""
    count = 0
    with gzip.open(path, "wb", LEVEL) as file:
        for message in read_all(settings, topic, ends):
            file.write(_encode(_record(message)) + b"\n")
            count += 1
            report(topic, count)
    return count


def load(path: Path) -> Iterator[Record]:
    """The records of a file. Raises `UserError`."""
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                yield _decode(line)
    except (OSError, EOFError, msgspec.DecodeError) as error:
        raise UserError(f"{path}: {error}") from None


def publish(settings: Settings, topic: str, path: Path, report: Report) -> int:
    """Write a file's records into a topic, each into its partition, in their order.

    How many have another offset than they had. Raises `UserError`.
    """
    sending = _Sending(settings, topic)
    for count, record in enumerate(load(path), 1):
        sending.put(record)
        report(topic, count)
    sending.finish()
    return sending.moved


class _Sending:
    """What was sent, and the first thing that went wrong."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._topic, self._failed, self.moved = topic, "", 0
        self._producer = Producer(
            {
                **client_config(settings.kafka),
                **SILENT,
                **PRODUCER,
                "enable.idempotence": True,  # in order, and none twice
                "message.timeout.ms": ANSWER_MS,
                "message.max.bytes": settings.kafka.max_record_bytes + ENVELOPE,
            }
        )

    def put(self, record: Record) -> None:
        """Hand one on. Raises `UserError`."""
        headers: Any = record.headers

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self._failed = self._failed or error.str()
            elif message.offset() != record.offset:
                self.moved += 1

        while True:
            self._check()
            try:
                self._producer.produce(
                    self._topic,
                    record.value,
                    record.key,
                    record.partition,
                    headers=headers,
                    timestamp=record.time,
                    on_delivery=delivered,
                )
            except BufferError:  # the broker is slower than we are
                self._producer.poll(POLL_S)
            except KafkaException as error:
                raise UserError(f"{self._topic}: {error.args[0].str()}") from None
            else:
                self._producer.poll(0)
                return

    def finish(self) -> None:
        """Wait until all of it is acknowledged. Raises `UserError`."""
        while len(self._producer):
            self._producer.flush(POLL_S)
            self._check()
        self._check()

    def _check(self) -> None:
        if self._failed:
            raise UserError(f"{self._topic}: {self._failed}: begin again on an empty stack")


def _record(message: Message) -> Record:
    _, time = message.timestamp()
    partition, offset = message.partition(), message.offset()
    assert partition is not None
    assert offset is not None
    headers = [(name, _bytes(value)) for name, value in message.headers() or []]
    return Record(partition, offset, time, message.key(), message.value(), headers)


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
