"""The producer's clock, as far as it is wrong: a file says so, which its process reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from generator.record import Record

_TIME: Final = re.compile(rb'"event_time":(\d+)')


class Clock:
    """How far it is set back, in ms. Who is started again meanwhile finds it as wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set_back(self, by_ms: int) -> None:
        """From now on it is so much behind; 0: it is right."""
        if not by_ms:
            self._path.unlink(missing_ok=True)
            return
        new = self._path.with_suffix(".new")
        new.write_text(str(by_ms), encoding="ascii")
        new.replace(self._path)

    def behind_ms(self) -> int:
        """By how much it is behind."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0

    def stamped(self, stream: Iterable[Record]) -> Iterator[Record]:
        """The records, each with the times that it has by this clock."""
        for record in stream:
            by_ms = self.behind_ms()
            yield earlier(record, by_ms) if by_ms else record


def earlier(record: Record, by_ms: int) -> Record:
    """The record with its event time so much earlier; as it is, where it says none."""

    def moved(text: bytes) -> bytes:
        return _TIME.sub(lambda found: b'"event_time":%d' % (int(found[1]) - by_ms), text, 1)

    label = None if record.label is None else moved(record.label)
    return record._replace(value=moved(record.value), label=label)
