"""How far a contender is with its backlog, from how many scores there are from time to time."""

from __future__ import annotations

from typing import Final, Literal

STUCK_S: Final = 120.0  # how long a job may take to its first score, or to go on: groups rebalance
IDLE_S: Final = 10.0  # without a score for so long, the backlog is over, if most of it was scored
MOST: Final = 0.9  # of a backlog: there are duplicates, late and malformed records in it
MARGIN_S: Final = 2.0  # scores are counted before the window's last ones can be read

Stage = Literal["starting", "going", "measured", "over", "stuck"]


class Progress:
    """Of a backlog of so many events, `fill` of which fill the windows.

    It is measured for `seconds`, from `warmup_s` after the first score on at the earliest, and
    once windows are full.
    """

    def __init__(self, events: int, fill: int, warmup_s: float, seconds: float) -> None:
        self._most, self._fill = MOST * events, fill
        self._warmup_s, self._seconds = warmup_s, seconds
        self._count = 0
        self._began: float | None = None  # the first score came
        self._full: float | None = None  # windows were full
        self._moved: float | None = None  # the latest score came

    def observe(self, now: float, count: int) -> Stage:
        """Where it is at `now`, in s by any clock that runs on, `count` being all scores so far."""
        if self._moved is None or count != self._count:
            self._moved, self._count = now, count
        idle = now - self._moved
        if not count:
            return "stuck" if idle > STUCK_S else "starting"
        if self._began is None:
            self._began = now
        if self._full is None and count >= self._fill:
            self._full = now
        if count >= self._most and idle > IDLE_S:
            return "over"
        if idle > STUCK_S:
            return "stuck"
        if self._full is None:
            return "going"
        end = max(self._full, self._began + self._warmup_s) + self._seconds + MARGIN_S
        return "measured" if now > end else "going"


def problem(stage: Stage, events: int, seconds: int) -> str:
    """Why a run that is over or stuck after so many events has measured nothing."""
    if stage == "stuck":
        return f"no score for {STUCK_S:.0f} s after {events:,} events"
    return (
        f"the backlog was over after {events:,} events, before {seconds} s could be measured: "
        "make it longer (--events)"
    )
