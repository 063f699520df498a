"""The order of event times: whether scoring can take the file as it stands, and sorting it.

A payment that is further behind those before it than the lateness would be late, and decided
without its history.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
import numpy as np

from risk.ops.imports.labels import Label
from risk.ops.imports.records import Payment

_BUFFER: Final = 1 << 20


class Order:
    """How far payments are behind those before them, as they are read."""

    def __init__(self, lateness_ms: int) -> None:
        self._lateness_ms = lateness_ms
        self._highest = -1
        self.first, self.last = -1, -1  # event times, ms UTC
        self.late = 0  # payments that are too far behind
        self.late_row = 0  # the first of them
        self.behind_ms = 0  # the furthest

    def add(self, row: int, event_time: int) -> None:
        """The next payment."""
        if event_time >= self._highest:
            self._highest = self.last = event_time
            if self.first < 0:
                self.first = event_time
            return
        self.first = min(self.first, event_time)
        behind = self._highest - event_time
        if behind > self._lateness_ms:
            self.late += 1
            self.late_row = self.late_row or row
        self.behind_ms = max(self.behind_ms, behind)


_Spooled = tuple[int, int, str, str, bytes, Label | None]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Spooled).decode


def by_event_time(payments: Iterable[Payment]) -> Iterator[Payment]:
    """The payments by event time, those of the same time in the order of the file.

    They are kept in a temporary file, about 0.5 kB each; memory holds 32 bytes a payment.
    """
    times, ends = array("q"), array("q", [0])
    with tempfile.TemporaryFile(buffering=_BUFFER) as spool:
        end = 0
        for payment in payments:
            packed = _encode(tuple(payment))
            spool.write(packed)
            end += len(packed)
            times.append(payment.event_time)
            ends.append(end)
        order = np.argsort(np.frombuffer(times, np.int64), kind="stable") if times else ()
        for at in order:
            spool.seek(ends[at])
            row, time, event, user, value, label = _decode(spool.read(ends[at + 1] - ends[at]))
            yield Payment(row, time, event, user, value, Label(*label) if label else None)
