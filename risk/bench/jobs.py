"""How a benchmark has a job run. What submits it is in risk/ops/; the command hands it in."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import msgspec

from risk.config.settings import Settings
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable

SCORE = Path("flink_jobs/score.py")
DELIVER = Path("flink_jobs/deliver.py")
BASELINE = Path("risk/bench/baseline_plain.py")


class Jobs(Protocol):
    """What runs jobs: the Flink cluster, or a peer's processes."""

    def running(
        self, settings: Settings, script: Path, args: Sequence[str], options: Mapping[str, str]
    ) -> AbstractContextManager[str]:
        """A job's id, from when it runs, in a fresh interpreter, until the block ends.

        `script` is relative to the project's root; `options` are the runner's own, by name.
        """
        raise NotImplementedError


class Contender(msgspec.Struct, frozen=True):
    """What turns transactions into scores, under these settings, and what runs it."""

    name: str
    jobs: Jobs
    script: Path
    settings: Settings
    args: Sequence[str] = ()
    options: Mapping[str, str] = {}


class Checkpoints(msgspec.Struct, frozen=True):
    """What a job's checkpoints came to: counts, the last one's size and duration.

    `failed` counts those after the first that completed: before, one that is triggered while the
    operators still start is declined. Of many checkpoints Flink knows the last few.
    """

    completed: int
    failed: int
    last_bytes: int
    last_ms: int


def checkpoints(settings: Settings, job: str) -> Checkpoints | None:
    """The job's checkpoints so far; None if Flink doesn't say."""
    try:
        found = FlinkRest(settings.flink.url).get(f"/jobs/{job}/checkpoints")
    except FlinkUnavailable:
        return None
    last = found["latest"]["completed"] or {}
    history = sorted(found["history"], key=lambda one: one["trigger_timestamp"])
    running = itertools.dropwhile(lambda one: one["status"] != "COMPLETED", history)
    return Checkpoints(
        found["counts"]["completed"],
        sum(one["status"] == "FAILED" for one in running),
        last.get("state_size", 0),
        last.get("end_to_end_duration", 0),
    )
