"""What the oracle makes of risk.transactions, and the part of it that a run has to have scored."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from risk.config.settings import Settings
from risk.engine.feedback import Logged
from risk.engine.oracle import Consumed, Expected, Settled, expected
from risk.engine.oracle.expected import EventKey
from risk.engine.rules import Ruleset
from risk.kafka.feedback_log import logged
from risk.kafka.scan import offsets, read_all
from risk.verify.faults import Position, fault
from risk.verify.recorded import Told


class Scope(NamedTuple):
    """A run's part of the stream, by partition: what it has scored, and up to where it has read.

    `run_id` is the replay whose scores alone are looked at; without it the ranges are those of
    replays that have to be there besides what is live.
    """

    ranges: Sequence[Mapping[int, tuple[int, int]]] = ()
    read_to: Mapping[int, int] | None = None
    run_id: str | None = None

    def holds(self, settled: Settled) -> bool:
        """Whether an event was read from one of the ranges."""
        partition, offset = settled.position
        found = (one.get(partition, (0, 0)) for one in self.ranges)
        return any(first <= offset < last for first, last in found)


def gone_from(settings: Settings) -> dict[int, int]:
    """The first offset that is left, by partition, where it isn't the first that there was."""
    found = offsets(settings, settings.topics.transactions)
    return {partition: low for partition, (low, _) in found.items() if low}


def wanted(
    settings: Settings, ruleset: Ruleset, scope: Scope, told: Told
) -> tuple[Expected, int, set[EventKey]]:
    """What has to be there, how many records there are, and which scores are demanded.

    `told` is what the log of payments doesn't show.
    """
    records = consumed(settings, told.failed, scope.read_to)
    want = expected(records, ruleset, settings.scoring, told.late, feedback(settings, told))
    events = want.events
    demanded = {key for key, settled in want.rows.items() if scope.holds(settled)}
    if scope.run_id is not None:
        want.scores = {k: v for k, v in want.scores.items() if scope.holds(v)}
        want.late_scores = {k: v for k, v in want.late_scores.items() if scope.holds(v)}
    return want, events, demanded


def feedback(settings: Settings, told: Told) -> Iterator[Logged]:
    """All verdicts, but for those that came too late to count."""
    for one in logged(read_all(settings, settings.topics.feedback)):
        if (one.partition, one.offset) not in told.late_verdicts:
            yield one


def consumed(
    settings: Settings, failed: Collection[Position], read_to: Mapping[int, int] | None = None
) -> Iterator[Consumed]:
    """The records of risk.transactions, up to these offsets, as the oracle takes them."""
    for message in read_all(settings, settings.topics.transactions):
        if read_to is not None and message.offset() >= read_to.get(message.partition(), 0):
            continue
        yield Consumed(
            message.partition(),
            message.offset(),
            message.timestamp()[1],
            message.key(),
            message.value(),
            fault(settings.kafka, message, failed),
        )
