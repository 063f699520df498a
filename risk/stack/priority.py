"""What delivers, replays or warms up yields to what decides, where they want the same processor.

A payment waits for its decision, and a store may have it a moment later. Above all when many start
at once, after the JobManager was killed: then the one that decides is ready first. Where there is
processor time for all nothing changes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from typing import Final

from risk.config.names import SCORE, kind_of

# Steps of niceness, of a factor of 1.25 each: a third of the time that those get which don't yield
# (https://man7.org/linux/man-pages/man7/sched.7.html).
STEPS: Final = 5


def yields(jobs: Collection[str]) -> bool:
    """Whether none of the jobs of these names decides payments as they come."""
    return bool(jobs) and all(kind_of(job) != SCORE for job in jobs)


def give_way(leader: int) -> None:
    """Let a process and all of its threads yield to what is like this one, for good."""
    with contextlib.suppress(OSError):  # it has ended, or is another user's
        os.setpriority(os.PRIO_PGRP, leader, os.getpriority(os.PRIO_PROCESS, 0) + STEPS)
