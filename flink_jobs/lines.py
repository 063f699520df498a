"""How records cross between the JVM and Python: as text, a whole batch in one string.

One string a batch costs one crossing instead of one a record. Raw bytes are decoded as ISO-8859-1,
in which any byte is a character up to U+00FF, so the separators above it can't occur in them.
JSON text has no control character, so there control characters separate.
"""

from __future__ import annotations

from typing import Final

from risk.engine.stages.base import Fault, LeftOut, Raw

RECORD: Final = "\u0100"  # between raw records
FIELD: Final = "\u0101"  # between the fields of a raw record
NULL: Final = "\u0102"  # a null field
LEFT_OUT: Final = "\u0103"  # before the size and SHA-256 of a field that is too large
THEIRS: Final = "\u0104"  # before a time that isn't the broker's
JSON_RECORD: Final = "\x1e"  # between "key TAB json" lines
JSON_KEY: Final = "\t"
NOT_APPENDED: Final = Fault(
    "create_time",
    "its time is its producer's: message.timestamp.type was not LogAppendTime when it was written: "
    "send it again",
)


def raws(batch: str) -> list[Raw]:
    """The records of a batch, in the order in which they were read."""
    plain = LEFT_OUT not in batch and THEIRS not in batch
    found = []
    for line in batch.split(RECORD):
        if not line:  # only to wake a shard up
            continue
        if not plain and (LEFT_OUT in line or THEIRS in line):
            found.append(_faulty(line))
            continue
        partition, offset, append_time, key, value = line.split(FIELD)
        found.append(
            Raw(
                int(partition),
                int(offset),
                int(append_time),
                None if key == NULL else key.encode("latin-1"),
                None if value == NULL else value.encode("latin-1"),
            )
        )
    return found


def sourced(batch: str) -> list[tuple[str, Raw]]:
    """The same of lines that begin with their record's topic; each with it."""
    found = []
    for line in batch.split(RECORD):
        topic, rest = line.split(FIELD, 1)
        found += [(topic, raw) for raw in raws(rest)]
    return found


def _faulty(line: str) -> Raw:
    """A record that is too large, or whose time isn't the broker's."""
    partition, offset, append_time, *fields = line.split(FIELD)
    kept_key, kept_value = map(_kept, fields)
    fault = _too_large(*map(_left_out, fields)) if LEFT_OUT in line else NOT_APPENDED
    at = int(append_time.removeprefix(THEIRS))
    return Raw(int(partition), int(offset), at, kept_key, kept_value, fault)


def _too_large(key: LeftOut | None, value: LeftOut | None) -> Fault:
    """The key, the value or both were left out."""
    told = " and ".join(
        f"the {name} has {left.size} bytes"
        for name, left in (("key", key), ("value", value))
        if left is not None
    )
    message = f"{told}: more than a record may have: it is still in the topic"
    return Fault("too_large", message, key, value)


def _kept(field: str) -> bytes | None:
    return None if field[:1] in (NULL, LEFT_OUT) else field.encode("latin-1")


def _left_out(field: str) -> LeftOut | None:
    if not field.startswith(LEFT_OUT):
        return None
    size, _, sha256 = field[1:].partition(":")
    return LeftOut(int(size), sha256)
