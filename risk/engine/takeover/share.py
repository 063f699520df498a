"""What is this run's while another reads the same payments, and what it knows by the other."""

from __future__ import annotations

from risk.engine.takeover.said import Found
from risk.engine.takeover.takeover import EVERYTHING, Span


class Share:
    """Of an ingest. Without another run, everything is its own."""

    def __init__(self) -> None:
        self.owned: Span = EVERYTHING  # append times of the payments that it emits anything of
        self.floor = -1  # a frontier, in ms, that the other has told, where it counts here
        self.behind: list[Found] | None = None  # payments behind the frontier, if anybody asks

    @property
    def whole(self) -> bool:
        """Whether everything is its own."""
        return self.owned == EVERYTHING

    def note(self, partition: int, offset: int, late_by: int) -> None:
        """A payment is behind the frontier."""
        if self.behind is not None:
            self.behind.append(Found(partition, offset, late_by))
