"""Looks at all processes and jobs every few seconds, in a thread of its own."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from risk.background import Background
from risk.config.names import GROUPS
from risk.errors import UserError
from risk.kafka import lag
from risk.kafka.client import client_config
from risk.kafka.group_offsets import GroupOffsets
from risk.kafka.quiet import SILENT
from risk.stack.flink_rest import FlinkUnavailable, Job, understood
from risk.verify.chaos.accounts import groups
from risk.verify.chaos.testbed import Testbed
from risk.verify.soak.processes import Usage, look

EVERY_S: Final = 5.0
OURS: Final = re.compile(re.escape(GROUPS) + ".*")
TASKMANAGER: Final = "taskmanager-"


class JobFigures(msgspec.Struct, frozen=True):
    """A live job. `state` in MiB and `checkpoint` in s are the last checkpoint's.

    None where nobody could tell.
    """

    lag: int | None = None
    state: float | None = None
    checkpoint: float | None = None
    restarts: int | None = None


class Sample(msgspec.Struct, frozen=True):
    """One look, so many s after the first. A TaskManager has its job's kind for a name."""

    at_s: float
    processes: dict[str, Usage]
    jobs: dict[str, JobFigures]


Seen = Callable[[Sample], object]


class Sampler(Background):
    """`seen` is told each sample as it is taken, in the thread."""

    def __init__(self, testbed: Testbed, seen: Seen, every_s: float = EVERY_S) -> None:
        super().__init__()
        self.samples: list[Sample] = []
        self._testbed, self._seen, self._every_s = testbed, seen, every_s
        self._groups = groups(testbed.settings)
        self._admin = AdminClient({**client_config(testbed.settings.kafka), **SILENT})
        self._known = GroupOffsets(testbed.settings.kafka)
        self._begun = time.monotonic()

    @property
    def now_s(self) -> float:
        """How long ago it began."""
        return time.monotonic() - self._begun

    def _run(self) -> None:
        due = time.monotonic()
        while not self._ended.is_set():
            sample = self._look()
            self.samples.append(sample)
            self._seen(sample)
            due = max(due + self._every_s, time.monotonic())
            self._ended.wait(due - time.monotonic())

    def _look(self) -> Sample:
        at_s = round(self.now_s, 1)
        jobs = self._testbed.jobs()
        return Sample(at_s, self._processes(jobs), self._jobs(jobs))

    def _processes(self, jobs: dict[str, Job]) -> dict[str, Usage]:
        of_job: dict[str, str] = {}
        for kind, job in jobs.items():
            try:
                name = self._testbed.rest.taskmanager(job.id)
            except FlinkUnavailable:
                continue
            if name is not None:
                of_job[name] = f"taskmanager {kind}"
        found = look(self._testbed.home)
        # One without a job is about to end, or to get one: it would be a series of its own.
        return {
            of_job.get(name, name): usage
            for name, usage in found.items()
            if name in of_job or not name.startswith(TASKMANAGER)
        }

    def _jobs(self, jobs: dict[str, Job]) -> dict[str, JobFigures]:
        behind = self._lags()
        found = {}
        for kind, job in jobs.items():
            state, checkpoint, restarts = self._checkpoints(job)
            found[kind] = JobFigures(behind.get(kind), state, checkpoint, restarts)
        return found

    def _lags(self) -> dict[str, int]:
        kinds: dict[tuple[str, str], str] = {
            (group, topic): kind for kind, group, topic in self._groups
        }
        try:
            read = lag.read(self._admin, self._known, {topic for _, topic in kinds}, OURS)
        except KafkaException:
            return {}
        left: Counter[str] = Counter()
        told: set[tuple[str, str]] = set()
        for group, (topic, _), records in read.lags():
            if (group, topic) in kinds:
                left[kinds[group, topic]] += records
                told.add((group, topic))
        for one in kinds.keys() - told:  # nothing is committed yet: all of it waits
            ends = [ends for (topic, _), ends in read.ends.items() if topic == one[1]]
            left[kinds[one]] += sum(end.next - end.oldest for end in ends)
        return dict(left)

    def _checkpoints(self, job: Job) -> tuple[float | None, float | None, int | None]:
        path = f"/jobs/{job.id}"
        try:
            answer = self._testbed.rest.get(f"{path}/checkpoints")
            restarts = self._testbed.rest.metrics(path, "numRestarts")
            with understood(path):
                last = answer["latest"]["completed"] or {}
                size, took = last.get("state_size"), last.get("end_to_end_duration")
                return (
                    None if size is None else round(size / 2**20, 2),
                    None if took is None else took / 1_000,
                    int(restarts["numRestarts"]) if "numRestarts" in restarts else None,
                )
        except (FlinkUnavailable, UserError):
            return None, None, None
