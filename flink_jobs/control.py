"""A scoring job's side of a takeover: it reads risk.control, and says there what it has to say.

Everything that a job says here it reads back before it goes on, so its view is that of the log.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from flink_jobs.plan import ScoringPlan
from risk.config.settings import Settings
from risk.engine.stages.base import Raw
from risk.engine.stages.ingest import Ingest
from risk.engine.stages.reading import AWAKE
from risk.engine.takeover.board import Board
from risk.engine.takeover.party import AtEnd, Party
from risk.engine.takeover.said import Said
from risk.kafka.control_log import ControlLog, Heard

POLL_S: Final = 0.02
SILENCE_S: Final = 60.0  # a leader that says nothing for so long: begin again from the checkpoint
HAND_OVER_MS: Final = 100  # between two looks, while a moment that was promised comes near


class NoLeader(Exception):
    """The run that decides doesn't say how it judges what it reads."""


class Log(Protocol):
    """What is used of `ControlLog`."""

    def all(self) -> Iterable[Heard]:
        """Everything up to where the log ends now."""

    def new(self, wait_s: float = 0.0) -> Iterable[Heard]:
        """What has come since; if there is nothing, it is waited for so long."""

    def say(self, said: Said) -> int:
        """Append a message; its offset."""

    def close(self) -> None:
        """Disconnect."""


class Control:
    """For one run of one shard. `stands_by` says that it begins while another decides."""

    def __init__(self, log: Log, run: str, stands_by: bool) -> None:
        self._log, self._run, self._stands_by = log, run, stands_by
        self._board: Board | None = None
        self._told = 0  # how much of what others found late was taken over

    @staticmethod
    def of(settings: Settings, plan: ScoringPlan) -> Control | None:
        """That of a plan's run; None for one that takes no part in takeovers."""
        if not plan.agrees:
            return None
        return Control(ControlLog(settings), plan.run_id, bool(plan.emission.apart))

    def begin(self, ingest: Ingest, recorded: Mapping[int, Mapping[int, int]]) -> None:
        """The shard's state was loaded; these payments were recorded as late. Raises `NoLeader`."""
        if self._board is None:
            self._board = Board()
            self._hear(self._log.all())
            if self._stands_by and self._run not in self._board.takeovers:
                raise NoLeader(f"{self._run}: nobody has offered it as a standby in risk.control")
            self._party = Party(self._run, self._board)
            # Before anything is emitted: what an earlier life may have said, and is still on its
            # way, counts only if it comes before this.
            self._say(self._party.answer())
        self._ingest, self._recorded, self._told = ingest, recorded, 0
        self._apply()

    @property
    def follows(self) -> bool:
        """Whether silence is another run's to judge."""
        assert self._board is not None
        return self._board.followed(self._run) is not None

    def waits(self, records: Sequence[Raw]) -> bool:
        """Whether the leader has not yet told, as far as was heard, how it judged these."""
        return self._party.waits(records)

    @property
    def tick_ms(self) -> int | None:
        """How soon to look again; None for as usual."""
        return HAND_OVER_MS if self._party.hands_over() else None

    def before(self, records: Sequence[Raw]) -> None:
        """These are to be taken next: wait until that may be. Raises `NoLeader`."""
        if not self.follows:
            return
        until = time.monotonic() + SILENCE_S
        while self.waits(records):
            self._say(self._party.ready(self._ingest.read_to, caught_up=True))
            if self._hear(self._log.new(POLL_S)) >= 0:
                until = time.monotonic() + SILENCE_S
            elif time.monotonic() > until:
                raise NoLeader(f"{self._run}: no word in risk.control for {SILENCE_S:.0f} s")
        self._apply()

    def took(self, records: Sequence[Raw]) -> None:
        """These were taken, and what comes of them emitted. Raises `NoLeader`."""
        ingest, party = self._ingest, self._party
        party.took(records)
        if found := ingest.share.behind:
            party.found_late(found)
            ingest.share.behind = []
            # At once: after a checkpoint they aren't read again, so none would tell of them.
            self._say(party.word(ingest.frontier_time, ingest.read_to))

    def look(self, at_end: AtEnd, unsettled: int, whole: bool) -> bool:
        """See what is new, and answer. Whether the frontier may have moved by another's word.

        `whole` once a second; in between only what hands over is looked at.
        """
        self._hear(self._log.new())
        ingest, party = self._ingest, self._party
        frontier, read_to = ingest.frontier_time, ingest.read_to
        self._say(party.answer())
        if (one := party.hands_over()) is not None and one.at is not None:
            if whole or _now_ms() >= one.at:
                self._say(party.word(frontier, read_to))
            if one.told_at >= one.at:
                self._say(party.yields(frontier, read_to, at_end))
        elif whole:
            self._say(party.word(frontier, read_to))
            self._say(party.ready(read_to))
            self._say(party.drained(unsettled, read_to, at_end))
        before = ingest.share.floor
        self._apply()
        return self.follows and ingest.share.floor > before

    def close(self) -> None:
        """Disconnect."""
        self._log.close()

    def _say(self, said: Said | None) -> None:
        """Say it, and hear all up to it."""
        if said is None:
            return
        offset = self._log.say(said)
        until = time.monotonic() + SILENCE_S
        while self._hear(self._log.new(POLL_S)) < offset:
            if time.monotonic() > until:
                raise NoLeader(f"{self._run}: risk.control can't be read")

    def _hear(self, heard: Iterable[Heard]) -> int:
        """Take in what was said; the offset of the last of it, -1 if nothing was."""
        assert self._board is not None
        last = -1
        for one in heard:
            self._board.hear(one.said, one.appended)
            last = one.offset
        return last

    def _apply(self) -> None:
        """Let the ingest go by what was said."""
        assert self._board is not None
        ingest, mine = self._ingest, self._board.of(self._run)
        share = ingest.share
        share.owned = self._board.owned(self._run)
        share.told = [one.passed for one in mine]
        if share.behind is None:
            share.behind = []
        late = [one for takeover in mine for one in takeover.late]
        if len(late) > self._told:
            known = {partition: dict(found) for partition, found in self._recorded.items()}
            for one in late:
                known.setdefault(one.partition, {})[one.offset] = one.late_by
            ingest.take_as_late(known)
            self._told = len(late)
        if self.follows:
            ingest.idle = AWAKE
        current = (one.frontier(ingest.read_to) for one in mine if not one.over)
        share.floor = max(share.floor, max(current, default=-1))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
