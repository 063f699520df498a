"""One side of a takeover: what a run answers, waits for and tells. No I/O: see flink_jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from risk.engine.stages.base import Raw
from risk.engine.takeover.board import Board
from risk.engine.takeover.said import Found, Said, Word
from risk.engine.takeover.takeover import SKEW_MS, Takeover

AtEnd = Callable[[int], bool]  # whether a partition has no record left to be read


class Party:
    """The run, which has begun when `board` had heard all that there was."""

    def __init__(self, run: str, board: Board) -> None:
        self.run, self.board = run, board
        self._appended: dict[int, int] = {}  # of the last record taken, by partition
        self._latest = -1
        self._found: list[Found] = []
        self._ready: set[str] = set()
        # Before it began, it may have emitted what came after the moment of these.
        self._missed = {one.new: one.proposed for one in board.takeovers.values()}

    def took(self, records: Sequence[Raw]) -> None:
        """These records were taken, and what comes of them emitted."""
        if records:
            self._latest = max(self._latest, max([raw.append_time for raw in records]))
        if self._takes_part:
            self._appended.update((raw.partition, raw.append_time) for raw in records)

    @property
    def _takes_part(self) -> bool:
        return any(not one.over for one in self.board.of(self.run))

    def found_late(self, found: Iterable[Found]) -> None:
        """These payments were behind the frontier."""
        if self.board.led(self.run):
            self._found += found

    def waits(self, records: Sequence[Raw]) -> bool:
        """Whether the leader has not yet told how it judged one of these records."""
        followed = self.board.followed(self.run)
        return followed is not None and not all(
            followed.covers(raw.partition, raw.offset) for raw in records
        )

    def answer(self) -> Said | None:
        """The old run's answer to a proposal, if there is one to be given."""
        for one in self.board.takeovers.values():
            at = one.proposed
            if one.old != self.run or one.over or one.at is not None or at is None:
                continue
            if one.missed == at:
                continue
            kept = self._latest < at and self._missed.get(one.new) != at
            return Said("promised" if kept else "missed", one.new, self.run, at=at)
        return None

    def ready(self, read_to: Mapping[int, int], caught_up: bool = False) -> Said | None:
        """The standby's word that it has read all that was told, said once.

        It is `caught_up` where it waits for more.
        """
        one = self.board.followed(self.run)
        if one is None or one.new != self.run or one.new in self._ready or not one.words:
            return None
        told = one.words[-1].read_to
        if not caught_up and any(read_to.get(p, 0) < offset for p, offset in told.items()):
            return None
        self._ready.add(one.new)
        return Said("ready", one.new, self.run)

    def word(self, frontier: int, read_to: Mapping[int, int]) -> Said | None:
        """What the leader tells the other, if there is one."""
        led = self.board.led(self.run)
        return None if led is None else self._tell(led, "told", frontier, read_to)

    def hands_over(self) -> Takeover | None:
        """The takeover that this run, the old one, has promised, and still leads in."""
        led = self.board.led(self.run)
        return led if led is not None and led.old == self.run and led.at is not None else None

    def yields(self, frontier: int, read_to: Mapping[int, int], at_end: AtEnd) -> Said | None:
        """The old run's word that the new one leads, once it has read all that is its own.

        To be asked when the broker's clock has passed the moment. Raises nothing.
        """
        one = self.hands_over()
        if one is None or one.at is None or not self._has_read(one.at, read_to, at_end):
            return None
        return self._tell(one, "yielded", frontier, read_to)

    def drained(self, unsettled: int, read_to: Mapping[int, int], at_end: AtEnd) -> Said | None:
        """The old run's word that nothing is left to be said of what is its own."""
        one = self.board.followed(self.run)
        if one is None or one.old != self.run or one.at is None or unsettled:
            return None
        until = one.at + SKEW_MS
        if one.told_at < until or not self._has_read(until, read_to, at_end):
            return None
        return Said("drained", one.new, self.run)

    def _has_read(self, moment: int, read_to: Mapping[int, int], at_end: AtEnd) -> bool:
        """Whether all records that were appended before a moment, which has passed, were read."""
        return all(self._appended.get(p, -1) >= moment or at_end(p) for p in read_to)

    def _tell(self, one: Takeover, kind: str, frontier: int, read_to: Mapping[int, int]) -> Said:
        found, self._found = tuple(self._found), []
        word = Word(frontier, dict(read_to), found)
        if kind == "yielded":
            return Said("yielded", one.new, self.run, word=word)
        return Said("told", one.new, self.run, word=word)
