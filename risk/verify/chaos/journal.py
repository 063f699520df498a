"""What the broker has acknowledged, written down at once: a producer that is killed leaves it."""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from confluent_kafka import Message


class Acknowledged(NamedTuple):
    """A record's place, and a checksum of its value."""

    partition: int
    offset: int
    checksum: int


def checksum(value: bytes | None) -> int:
    """Of a record's value."""
    return zlib.crc32(value or b"")


class Journal:
    """Appends a line for each record. Threads may write at once.

    A line is handed to the system before the next: what is killed has written all but, at most, its
    last.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()
        self.count = 0

    def write(self, message: Message) -> None:
        """Note a record that was acknowledged."""
        told = (message.partition(), message.offset(), checksum(message.value()))
        line = " ".join(map(str, told)) + "\n"
        with self._lock:
            os.write(self._file, line.encode("ascii"))
            self.count += 1

    def close(self) -> None:
        """Write no more."""
        os.close(self._file)


def read(path: Path) -> Iterator[Acknowledged]:
    """What was noted; a line that was cut off is left out. Nothing, if there is no such file."""
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return
    for line in text.splitlines(keepends=True):
        words = line.split()
        if len(words) == 3 and line.endswith("\n"):
            yield Acknowledged(*map(int, words))


def lost(noted: Iterable[Acknowledged], there: dict[tuple[int, int], int]) -> list[str]:
    """Of what was acknowledged: what isn't in the topic, or isn't what was sent, in words.

    `there` has the checksums of the topic's records by partition and offset.
    """
    found = []
    for partition, offset, sent in noted:
        place = f"offset {offset} of partition {partition}"
        has = there.get((partition, offset))
        if has is None:
            found.append(f"{place} was acknowledged, and is not in the topic")
        elif has != sent:
            found.append(f"{place} was acknowledged, and the topic has another record there")
    return found
