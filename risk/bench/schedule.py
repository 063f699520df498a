"""A stream cut in two: a past that fills the windows, and a schedule of what is sent live."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import msgspec

from generator.config import StreamConfig
from generator.record import Record
from generator.stream import records
from risk.engine.messages import Label

SCORED = ("on_time", "out_of_order")  # kinds of which each event gets a score


class Due(NamedTuple):
    """A record to be sent `at` seconds after the start of the live part.

    `event_id` is empty where no score is to be waited for.
    """

    at: float
    key: bytes | None
    value: bytes
    event_id: str
    event_time: int
    user_id: str = ""


_label = msgspec.json.Decoder(Label).decode


class Schedule:
    """The stream's first `past_s` seconds, then the rest."""

    def __init__(self, config: StreamConfig, past_s: float) -> None:
        self._records = records(config)
        self._past_ms = round(past_s * 1_000)
        self._first: Record | None = None

    def past(self) -> Iterator[Record]:
        """What is sent before, as fast as it goes. Comes first."""
        for record in self._records:
            if record.due_ms >= self._past_ms:
                self._first = record
                return
            yield record

    def live(self) -> Iterator[Due]:
        """What is sent on schedule. Comes after the past."""
        first = () if self._first is None else (self._first,)
        for record in chain(first, self._records):
            at = (record.due_ms - self._past_ms) / 1_000
            if record.kind in SCORED and record.label is not None:
                label = _label(record.label)
                what = label.event_id, label.event_time, label.user_id
                yield Due(at, record.key, record.value, *what)
            else:
                yield Due(at, record.key, record.value, "", 0)
