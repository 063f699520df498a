"""A stream as a file: one JSON object a line, so that it can be read, cut and sent again.

    {"due_ms":12,"kind":"on_time","key":"u…","value":"{…}","label":"{…}"}

`due_ms` is when it is sent, after the start of the stream. `key` and `value` are the record's
bytes as text; those that aren't UTF-8 stand in `key_base64` or `value_base64` instead. Without a
key the record has none. `label` is left out where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from generator.record import Kind, Record


class Line(msgspec.Struct, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """One line of a stream file."""

    due_ms: Annotated[int, msgspec.Meta(ge=0)]
    kind: Kind
    key: str | None = None
    key_base64: bytes | None = None
    value: str | None = None
    value_base64: bytes | None = None
    label: str | None = None


class BadLine(ValueError):
    """A line can't be read: the message names the file, the line and what is wrong with it."""


def write(path: Path, records: Iterable[Record]) -> Iterator[Record]:
    """Write records to a file as they are taken; each comes back. Raises OSError."""
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        for record in records:
            key, key_bytes = _text(record.key)
            value, value_bytes = _text(record.value)
            label = None if record.label is None else record.label.decode()
            line = Line(record.due_ms, record.kind, key, key_bytes, value, value_bytes, label)
            file.write(encode(line) + b"\n")
            yield record


def read(path: Path) -> Iterator[Record]:
    """The records of a file. Raises `BadLine`, or OSError if there is no such file."""
    decode = msgspec.json.Decoder(Line).decode
    with path.open("rb") as file:
        for number, text in enumerate(file, 1):
            try:
                line = decode(text)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                what = str(error).replace(" - at `$.", ": `")
                raise BadLine(f"{path}:{number}: not a line of a stream: {what}") from None
            value = _bytes(line.value, line.value_base64)
            if value is None:
                raise BadLine(f"{path}:{number}: neither `value` nor `value_base64`")
            label = None if line.label is None else line.label.encode()
            key = _bytes(line.key, line.key_base64)
            yield Record(key, value, label, line.due_ms, line.kind)


def _text(data: bytes | None) -> tuple[str | None, bytes | None]:
    """Bytes as text if they are, else as bytes, which msgspec writes in base64."""
    if data is None:
        return None, None
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        return None, data


def _bytes(text: str | None, data: bytes | None) -> bytes | None:
    return data if text is None else text.encode()
