"""What the log of payments doesn't show, and other topics alone tell."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from flink_jobs.letters import INTERNAL_ERROR, LATE_VERDICT, place
from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.engine.messages import Late
from risk.kafka.scan import read_all
from risk.verify.faults import Position


class Told(NamedTuple):
    """How late, in ms, payments were whose partition had been silent, which records scoring has
    failed on, and which verdicts came too late to count. Places are partition and offset.
    """

    late: dict[Position, int]
    failed: set[Position]
    late_verdicts: set[Position]


def told_alone(settings: Settings) -> Told:
    """Of risk.late and risk.dlq. Raises `UserError` if the broker can't be asked."""
    topics, found = settings.topics, Told(late_behind_frontier(settings), set(), set())
    asked = (
        (topics.transactions, INTERNAL_ERROR, found.failed),
        (topics.feedback, LATE_VERDICT, found.late_verdicts),
    )
    for message in read_all(settings, topics.dlq):
        for topic, reason, positions in asked:
            position = place(message.headers() or (), topic, reason)
            if position is not None:
                positions.add(position)
    return found


def late_behind_frontier(settings: Settings) -> dict[Position, int]:
    """Of risk.late. Raises `UserError` if the broker can't be asked."""
    decode = decoder(Late)
    found: dict[Position, int] = {}
    for message in read_all(settings, settings.topics.late):
        try:
            late = decode(message.value() or b"")
        except msgspec.MsgspecError:
            continue  # the comparison of the topic says so
        if late.behind == "frontier":
            found[late.partition, late.offset] = late.late_by
    return found
