"""How records cross between the JVM and Python: as text, a whole batch in one string.

One string a batch costs one crossing instead of one a record. Raw bytes are decoded as ISO-8859-1,
in which any byte is a character up to U+00FF, so the separators above it can't occur in them.
JSON text has no control character, so there control characters separate.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from risk.stages.base import Raw

RECORD: Final = "\u0100"  # between raw records
FIELD: Final = "\u0101"  # between the fields of a raw record
NULL: Final = "\u0102"  # a null field
JSON_RECORD: Final = "\x1e"  # between "key TAB json" lines
JSON_KEY: Final = "\t"


def raws(batch: str) -> list[Raw]:
    """The records of a batch, in the order in which they were read."""
    found = []
    for line in batch.split(RECORD):
        if not line:  # only to wake a shard up
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


def raw_line(fields: Iterable[str], key: bytes | None, value: bytes | None) -> str:
    """The fields (text without separators), then key and value, in one line."""
    return FIELD.join((*fields, _text(key), _text(value)))


def clean(text: str) -> str:
    """Free text without the separators."""
    return "".join(c if c < RECORD else "?" for c in text)


def _text(raw: bytes | None) -> str:
    return NULL if raw is None else raw.decode("latin-1")
