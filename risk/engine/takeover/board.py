"""What one run has to do with takeovers, by all that stands in risk.control."""

from __future__ import annotations

from risk.engine.takeover.said import Said
from risk.engine.takeover.takeover import EVERYTHING, Span, Takeover


class Board:
    """All takeovers, in the order in which they were offered, by the run that takes over."""

    def __init__(self) -> None:
        self.takeovers: dict[str, Takeover] = {}

    def hear(self, said: Said, appended: int) -> None:
        """The next message of the log, and when it was appended, ms UTC."""
        if said.kind == "offered":
            self.takeovers.setdefault(said.takeover, Takeover(said.takeover, said.old))
        elif found := self.takeovers.get(said.takeover):
            found.hear(said, appended)

    def owned(self, run: str) -> Span:
        """The payments that a run emits anything of, by when they were appended."""
        span = EVERYTHING
        for one in self.takeovers.values():
            span = span.within(one.owned(run))
        return span

    def followed(self, run: str) -> Takeover | None:
        """The takeover in which the run goes by another's word now, if any."""
        for one in self.takeovers.values():
            if not one.over and run in (one.old, one.new) and one.leader != run:
                return one
        return None

    def led(self, run: str) -> Takeover | None:
        """The takeover in which another goes by the run's word now, if any."""
        for one in self.takeovers.values():
            if not one.over and one.leader == run:
                return one
        return None

    def of(self, run: str) -> list[Takeover]:
        """Those in which the run takes part, or took."""
        return [one for one in self.takeovers.values() if run in (one.old, one.new)]
