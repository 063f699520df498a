"""Whether the jobs on Flink do their work: one that runs may still write nothing, or start over."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import msgspec

from risk.config.metric_names import DELIVERY_BLOCKED, DELIVERY_HELD
from risk.config.names import DELIVERY_JOBS, alike
from risk.config.settings import Settings
from risk.ops import job_numbers
from risk.ops.jobs import NO_CAUSE, Failure, failures
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable, Job

BLOCKED_MS: Final = 5_000  # a store may take its time for once
RECENT_MS: Final = 300_000
LOOP: Final = 3  # so many failures within that time are a restart loop


class Health(msgspec.Struct, frozen=True):
    """How a job is. `problem` is None if it does its work, as far as Flink can tell."""

    name: str
    state: str
    id: str
    problem: str | None = None

    @property
    def line(self) -> str:
        """All of it but the id, in words."""
        return f"{self.name}: {self.state}" + (f", {self.problem}" if self.problem else "")


def read_all(settings: Settings) -> list[Health]:
    """The jobs that run, and those that failed with no other in their place; none without Flink."""
    try:
        return read(settings)
    except FlinkUnavailable:
        return []


def read(settings: Settings) -> list[Health]:
    """The same. Raises `FlinkUnavailable`."""
    rest = FlinkRest(settings.flink.url)
    return [_read(rest, job) for job in shown(rest.jobs(running_only=False))]


def shown(jobs: Sequence[Job]) -> list[Job]:
    """Those that somebody should know of, by name."""
    running = [job for job in jobs if not job.ended]
    kinds = {alike(job.name) for job in running}
    failed = {alike(job.name): job for job in reversed(jobs) if job.state == "FAILED"}
    left = [job for kind, job in failed.items() if kind not in kinds]
    return sorted((*running, *left), key=lambda job: job.name)


def problem(
    job: Job,
    failed: Sequence[Failure],
    blocked_ms: float = 0.0,
    now_ms: int = 0,
    *,
    held: bool = False,
) -> str | None:
    """What is wrong with a job, in words. `failed` has the latest first.

    `held`: its store refuses nearly all for the same reason.
    """
    recent = [one for one in failed if now_ms - one.at_ms < RECENT_MS]
    cause = failed[0].cause if failed else NO_CAUSE
    if job.state in ("RESTARTING", "FAILING", "FAILED"):
        return cause
    if len(recent) >= LOOP:
        return f"failed {len(recent)} times within {RECENT_MS // 60_000} minutes: {cause}"
    if held:
        return "store refuses nearly every message for the same reason: the job's log has it"
    if blocked_ms >= BLOCKED_MS:
        return f"store refuses writes for {blocked_ms / 1_000:.0f} s"
    if not job.runs:
        return f"{job.tasks_running} of {job.tasks} tasks run"
    return None


def _read(rest: FlinkRest, job: Job) -> Health:
    blocked, held = 0.0, False
    if job.name.startswith(DELIVERY_JOBS) and not job.ended:
        found = job_numbers.metrics(rest, job.id, {DELIVERY_BLOCKED.name, DELIVERY_HELD.name})
        blocked = max((v for name, v in found if DELIVERY_BLOCKED.name in name), default=0.0)
        held = any(value for name, value in found if DELIVERY_HELD.name in name)
    now_ms = time.time_ns() // 1_000_000
    words = problem(job, failures(rest, job.id), blocked, now_ms, held=held)
    return Health(job.name, job.state, job.id, words)
