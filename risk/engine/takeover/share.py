"""What is this run's while another reads the same payments, and what it knows by the other."""

from __future__ import annotations

from collections.abc import Sequence

from risk.engine.takeover.passed import Passed
from risk.engine.takeover.said import Found
from risk.engine.takeover.takeover import EVERYTHING, Span


class Share:
    """Of an ingest. Without another run, everything is its own."""

    def __init__(self) -> None:
        self.owned: Span = EVERYTHING  # append times of the payments that it emits anything of
        self.floor = -1  # a frontier, in ms, that the other has told, where it counts here
        self.told: Sequence[Passed] = ()  # of all takeovers that this run takes or took part in
        self.behind: list[Found] | None = None  # payments behind the frontier, if anybody asks

    @property
    def whole(self) -> bool:
        """Whether everything is its own."""
        return self.owned == EVERYTHING

    def passed(self, partition: int, offset: int) -> int:
        """What was told to have settled, in ms UTC, while a record was still to be read."""
        return max([one.before(partition, offset) for one in self.told], default=-1)

    def note(self, partition: int, offset: int, late_by: int) -> None:
        """A payment is behind the frontier."""
        if self.behind is not None:
            self.behind.append(Found(partition, offset, late_by))
