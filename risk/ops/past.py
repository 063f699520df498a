"""From when on a job that begins has read all payments: what its scores say of their history."""

from __future__ import annotations

import time

from risk.config.settings import Settings
from risk.kafka.ranges import Range
from risk.kafka.scan import read_at


def read_since(settings: Settings, span: Range, start: str) -> int | None:
    """The event time, ms UTC, from which on a job without state that begins so reads all payments.

    None where it begins with the first record that there ever was. Told to begin at a time, it
    knows nothing from before, whether there was anything or not. Raises `UserError`.
    """
    begun = span.low if start.isdecimal() else span.start
    places = {(partition, offset) for partition, offset in begun.items() if offset}
    topic = settings.topics.transactions
    times = {
        (one.partition(), one.offset()): one.timestamp()[1]
        for one in read_at(settings, topic, places)
    }
    # Where no record stands, all that there were may have come just now.
    moments = [times.get(place) or time.time_ns() // 1_000_000 for place in places]
    moments += [int(start)] if start.isdecimal() else []
    # What was appended before may have an event time that is so much later.
    return max(moments) + settings.scoring.future_ms if moments else None
