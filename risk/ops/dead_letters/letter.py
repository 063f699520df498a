"""Dead letters, and the notes beside them of which have been sent again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from confluent_kafka import Message

CONNECT: Final = "__connect.errors."  # Kafka Connect's names
RESENT: Final = "risk.resent."  # a note's; and of the record that was sent again, `from`
MASKED: Final = b"****"  # so card numbers are made unreadable, if it didn't come like that
LEFT_OUT: Final = ("risk.key.size", "risk.value.size")  # they are too large for a dead letter
UNKNOWN: Final = "unknown"  # a record that is no dead letter of ours has nothing better


class Position(NamedTuple):
    """Where a record stands."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"


class Letter(msgspec.Struct, frozen=True):
    """A dead letter without its bytes. `time` is when it came to risk.dlq, in ms UTC.

    `source` is the record that it is of; None if its headers don't say. `size` is its value's
    size in bytes, `left_out` that of a value that is not in it. It is `whole` if key and value are
    surely the very bytes that the source had.
    """

    position: Position
    time: int
    source: Position | None
    stage: str
    reason: str
    message: str
    size: int | None
    left_out: int | None
    whole: bool


def letter(record: Message) -> Letter | None:
    """The dead letter that a record of risk.dlq is; None if it is a note."""
    headers = _headers(record)
    if RESENT + "topic" in headers:
        return None
    sizes = [_number(headers.get(name)) for name in LEFT_OUT]
    value = record.value()
    return Letter(
        position=Position(record.topic(), record.partition(), record.offset()),
        time=record.timestamp()[1],
        source=_position(headers, CONNECT),
        stage=headers.get(CONNECT + "stage") or UNKNOWN,
        reason=headers.get(CONNECT + "exception.class.name") or UNKNOWN,
        message=headers.get(CONNECT + "exception.message") or "",
        size=None if value is None else len(value),
        left_out=sizes[1],
        whole=sizes == [None, None] and MASKED not in (record.key() or b"") + (value or b""),
    )


def resent(record: Message) -> Position | None:
    """Whose record has been sent again, if a record of risk.dlq is the note of that."""
    return _position(_headers(record), RESENT)


def note(source: Position) -> list[tuple[str, bytes]]:
    """The headers of a note in risk.dlq: the record that stands there has been sent again."""
    return [(RESENT + name, str(one).encode()) for name, one in source._asdict().items()]


def provenance(source: Position) -> list[tuple[str, bytes]]:
    """The header of what is sent again: where it stood before."""
    return [(RESENT + "from", str(source).encode())]


def _headers(record: Message) -> dict[str, str]:
    """As text; a header that is there without a value is as if it were not."""
    return {
        name: text.decode(errors="replace")
        for name, text in record.headers() or ()
        if text is not None
    }


def _position(headers: Mapping[str, str], prefix: str) -> Position | None:
    topic = headers.get(prefix + "topic")
    partition, offset = (_number(headers.get(prefix + name)) for name in ("partition", "offset"))
    return (
        None
        if not topic or partition is None or offset is None
        else Position(topic, partition, offset)
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
