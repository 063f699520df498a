"""One scoring job of a proof: started, watched, killed and stopped."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlparse

import msgspec

from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka import groups as offsets
from risk.ops import job_numbers, jobs
from risk.ops.job_numbers import Numbers
from risk.stack.flink_rest import FlinkRest
from risk.stack.process import Home, alive
from risk.verify.proof import run_topics

Placement = Literal["fused", "sharded"]
SETTLE_S = 180.0  # on top of what the events take
SLOWEST = 400  # events/s that any machine carries
RESTART_S = 120.0
NUMBERS_S = 30.0
# Often, so that a kill or a stop finds a checkpoint in mid-run however short the run is.
OPTIONS = (
    "-Dexecution.checkpointing.interval=500 ms",
    "-Dexecution.checkpointing.min-pause=0 ms",
)


class Kill(msgspec.Struct):
    """A TaskManager that was killed, after so many checkpoints; `read` records of the stream were
    in the last of them, and so many records stood in the topic of scores.
    """

    taskmanager: str
    checkpoints: int
    read: int
    scores: int


class Scoring:
    """A scoring job over the stream of `run_settings`, whose outputs it writes.

    `ruleset` is the folder of what it scores under.
    """

    def __init__(
        self,
        run_settings: Settings,
        home: Home,
        name: str,
        ruleset: Path,
        placement: Placement,
        parallelism: int = 1,
        *,
        kind: Literal["live", "replay"] = "live",
        end: str | None = "latest",
    ) -> None:
        self.run_settings, self.name, self._ruleset = run_settings, name, ruleset
        self.placement, self.parallelism, self.kind, self._end = placement, parallelism, kind, end
        self.group = run_settings.topics.scores.removesuffix(".scores")
        self.shards = run_settings.scoring.shards if placement == "sharded" else 1
        self.behind = 0  # seen before the last restart
        self._home = home
        self._rest = FlinkRest(run_settings.flink.url)
        self._ids: list[str] = []
        self._disturbed = False  # killed or gone on from a savepoint: it counts from there

    @property
    def id(self) -> str:
        """The job's id; that of the last one, if it went on from a savepoint."""
        return self._ids[-1]

    def start(self, savepoint: str | None = None) -> None:
        """Submit it on fresh TaskManagers, and wait until it runs."""
        self._disturbed = bool(savepoint)
        if not savepoint:
            offsets.forget(self.run_settings, self.group)  # what an earlier proof has read
        arguments = [
            "--ruleset",
            str(self._ruleset),
            "--run-id",
            self.name,
        ]
        arguments += ["--placement", self.placement, "--parallelism", str(self.parallelism)]
        arguments += ["--kind", self.kind, "--group", self.group, "--start", "earliest"]
        arguments += ["--end", self._end] if self._end else []
        options = [*OPTIONS, *(["--fromSavepoint", savepoint] if savepoint else [])]
        jobs.fresh_slots(self.run_settings, self._home, self.parallelism)
        self._ids.append(jobs.submit(self.run_settings, self._home, "score.py", arguments, options))
        jobs.wait_running(self.run_settings, self.id)

    def numbers(self) -> Numbers:
        """The job's numbers."""
        return job_numbers.read(self._rest, self.id)

    def checkpoints(self) -> dict[str, int]:
        """How many were completed, failed, restored, …"""
        found: dict[str, int] = self._rest.get(f"/jobs/{self.id}/checkpoints")["counts"]
        return found

    def last_checkpoint(self) -> int:
        """The full size of the last checkpoint, in bytes."""
        found = self._rest.get(f"/jobs/{self.id}/checkpoints")["latest"]["completed"]
        return int(found["state_size"]) if found else 0

    def read(self) -> int:
        """How many records of the stream are in the last checkpoint."""
        return run_topics.committed(self.run_settings, self.group)

    def wait_checkpoint(self) -> None:
        """Wait until a checkpoint holds more of the stream than now."""
        before = self.read()
        self._wait(lambda: self.read() > before, RESTART_S, "read no more (too few --events?)")

    def wait_settled(self, events: int) -> Numbers:
        """Wait until all there is to read was read, and each correction emitted; its last numbers.

        Flink's numbers of one TaskManager may be older than another's. Those of a job that nothing
        has disturbed add up to all `events` in the end: so much longer they are waited for.
        """
        found: list[Numbers] = []
        since: list[float] = []

        def settled() -> bool:
            found[:] = [self.numbers()]
            counted = sum(found[0].outcomes.values()) == events
            if found[0].settled < self.shards or not (counted or self._end is not None):
                return False
            since.append(time.monotonic())
            return counted or self._disturbed or since[-1] - since[0] > NUMBERS_S

        self._wait(settled, SETTLE_S + events / SLOWEST, "does not settle")
        return found[0]

    def kill(self, number: int) -> Kill:
        """Kill one of its TaskManagers with SIGKILL, and wait until the job runs again."""
        self._disturbed = True
        names = self._taskmanagers()
        name = names[number % len(names)]
        before = self.checkpoints()
        self.behind += self.numbers().behind
        found = Kill(
            name,
            before["completed"],
            self.read(),
            run_topics.count(self.run_settings, self.run_settings.topics.scores),
        )
        pid = alive(self._home, name)
        if pid is None:
            raise UserError(f"{self.name}: {name} is not one of this stack's TaskManagers")
        os.kill(pid, signal.SIGKILL)
        self._wait(
            lambda: self.checkpoints()["restored"] > before["restored"],
            RESTART_S,
            f"was not restored after {name} was killed",
        )
        jobs.wait_running(self.run_settings, self.id)
        return found

    def stop(self) -> str:
        """Stop it with a savepoint: all it said is in the topics then. The savepoint's URI."""
        return jobs.stop_with_savepoint(self.run_settings, self.id)

    def clean(self, savepoints: Sequence[str] = ()) -> None:
        """Cancel what still runs, and remove checkpoints, savepoints and the group."""
        running = {job.id for job in self._rest.jobs()}
        for job in self._ids:
            if job in running:
                jobs.cancel(self.run_settings, job)
            shutil.rmtree(self._home.folder("flink") / "checkpoints" / job, ignore_errors=True)
        for savepoint in savepoints:
            if urlparse(savepoint).scheme == "file":
                shutil.rmtree(Path(urlparse(savepoint).path), ignore_errors=True)
        offsets.forget(self.run_settings, self.group)

    def _taskmanagers(self) -> list[str]:
        names = set()
        for vertex in self._rest.get(f"/jobs/{self.id}")["vertices"]:
            path = f"/jobs/{self.id}/vertices/{vertex['id']}/taskmanagers"
            names |= {str(one["taskmanager-id"]) for one in self._rest.get(path)["taskmanagers"]}
        return sorted(names)

    def _wait(self, condition: Any, timeout_s: float, what: str) -> None:
        def met() -> bool:
            state = jobs.find(self.run_settings, self.id)
            if state is None or state.ended:
                cause = jobs.root_cause(self.run_settings, self.id)
                raise UserError(f"{self.name}: the job has ended: {cause}")
            return bool(condition())

        jobs.wait(met, timeout_s, f"{self.name}: the job {what} within {timeout_s:.0f} s")
