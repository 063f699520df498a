"""One takeover, as the log tells it: the same for everyone who has read as far.

It is for a moment of *append time*, which stands in the log of payments and is the same for every
reader. Payments that were appended before it are the old run's for all of their lives, the others
the new run's. So neither needs the other's state, and a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from risk.engine.takeover.passed import Passed
from risk.engine.takeover.said import Found, Said, Word

ALWAYS: Final = 2**63
SKEW_MS: Final = 10_000  # by no more are two brokers' clocks apart


class Span(NamedTuple):
    """Append times, in ms UTC: from the first on, before the last."""

    first: int
    last: int

    def within(self, other: Span) -> Span:
        """What both have."""
        return Span(max(self.first, other.first), min(self.last, other.last))


EVERYTHING: Final = Span(0, ALWAYS)
NOTHING: Final = Span(0, 0)


class Takeover:
    """From the run `old` to the run `new`.

    `at` is the moment that was promised, None until then; `proposed` is the one last proposed.
    """

    def __init__(self, new: str, old: str) -> None:
        self.new, self.old = new, old
        self.proposed: int | None = None
        self.missed: int | None = None
        self.at: int | None = None
        self.ready = self.called_off = self.yielded = self.drained = False
        self.words: list[Word] = []
        self.told_at = -1  # when the last word was appended
        self.late: list[Found] = []
        self.passed = Passed()

    def hear(self, said: Said, appended: int) -> None:
        """The next message of this takeover, and when it was appended. What has no effect any more
        is passed over: of two messages that contradict each other the first in the log counts.
        """
        kind = said.kind
        if kind == "ready":
            self.ready |= said.by == self.new
        elif kind == "proposed":
            if self.at is None and not self.called_off:
                self.proposed = appended + said.lead_ms
        elif kind == "missed":
            self.missed = said.at
        elif kind == "called_off":
            self.called_off |= self.at is None
        elif kind == "promised":
            stands = said.at == self.proposed != self.missed and not self.called_off
            if self.at is None and stands:
                self.at = said.at
        elif kind in ("told", "yielded"):
            self._hear_word(said, appended)
        elif kind == "drained":
            self.drained |= self.yielded

    def _hear_word(self, said: Said, appended: int) -> None:
        if said.by != self.leader or said.word is None or self.over:
            return
        self.words.append(said.word)
        self.late += said.word.late
        self.passed.tell(said.word.frontier, said.word.read_to)
        self.told_at = appended
        if said.kind == "yielded" and self.at is not None:
            self.yielded = True

    @property
    def leader(self) -> str:
        """The run that judges silence; the other follows its words."""
        return self.new if self.yielded else self.old

    @property
    def over(self) -> bool:
        """Whether nobody waits for anybody any more."""
        return self.called_off or self.drained

    def owned(self, run: str) -> Span:
        """The payments that are a run's, by when they were appended."""
        if run == self.new:
            return NOTHING if self.at is None else Span(self.at, ALWAYS)
        if run == self.old and self.at is not None:
            return Span(0, self.at)
        return EVERYTHING

    def covers(self, partition: int, offset: int) -> bool:
        """Whether the leader has told how it judged the record at that place."""
        return bool(self.words) and offset < self.words[-1].read_to.get(partition, 0)

    def frontier(self, read_to: Mapping[int, int]) -> int:
        """The furthest frontier that was told, of those that hold for who has read so far; -1 if
        there is none.
        """
        for word in reversed(self.words):
            if all(read_to.get(p, 0) >= offset for p, offset in word.read_to.items()):
                return word.frontier
        return -1

    def overdue(self) -> bool:
        """Whether a proposal was missed, so that another has to come."""
        return self.at is None and self.proposed is not None and self.missed == self.proposed
