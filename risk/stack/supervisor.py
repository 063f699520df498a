"""The process that keeps a Flink cluster running: what died of it is started again, a job that
waits for a slot gets a TaskManager, and one whose job has ended is ended. What doesn't decide
payments yields to what does.

So `flink run` needs nothing but a running cluster, and never finds the code of an earlier job. A
JobManager that is started again finds its jobs in ZooKeeper, and their TaskManagers find it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from risk.config.settings import Settings, parse
from risk.errors import StackError
from risk.stack import jobmanager, priority, process, taskmanagers, zookeeper
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable
from risk.stack.process import Home

LOOK_S = 1.0
LONGEST_WAIT_S = 30.0
REPEAT_S = 300.0  # a trouble that goes on is told again

Clock = Callable[[], float]


class Pause:
    """How long to wait before something is started once more: longer, if it dies again soon."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wait = 0.0
        self._last = float("-inf")

    def over(self) -> bool:
        """Whether it may be started now; if so, it counts as started."""
        now = self._clock()
        if now - self._last < self._wait:
            return False
        # One that has run for a while starts from the beginning.
        calm = now - self._last > 4 * LONGEST_WAIT_S
        self._wait = LOOK_S if calm else min(2 * self._wait, LONGEST_WAIT_S)
        self._last = now
        return True


class Supervisor:
    """Looks after the processes of one cluster."""

    def __init__(
        self,
        settings: Settings,
        home: Home,
        rest: FlinkRest | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._settings, self._home = settings, home
        self._rest = rest or FlinkRest(settings.flink.url)
        self._clock = clock
        self._used: set[tuple[str, int | None]] = set()  # their interpreters hold a job's code
        self._placed: set[tuple[str, int | None]] = set()  # of these: it is known which
        self._slots: dict[str, int] = {}  # by job
        self._pauses: dict[str, Pause] = {}  # by process
        self._told: dict[str, float] = {}  # a trouble, and when it was told

    def look(self) -> None:
        """Look once, and do what is to be done. Raises nothing: it is all that revives the rest."""
        for do in (self._revive_cluster, self._revive, self._match):
            try:
                with taskmanagers.lock(self._home):
                    do()
            except FlinkUnavailable:
                pass  # starting or stopping
            except StackError as error:
                self._trouble(str(error))
            except Exception as error:  # a full disk, or what nobody thought of
                self._trouble(f"{type(error).__name__}: {error}")

    def _revive_cluster(self) -> None:
        if self._died(zookeeper.NAME):
            zookeeper.start(self._settings, self._home)
        if self._died(jobmanager.NAME):
            # TaskManagers live on: they fail their tasks, and offer each job the slot that it had.
            jobmanager.start(self._settings, self._home)

    def _died(self, name: str) -> bool:
        """Whether it isn't running and is to be started now; what it left behind is gone then."""
        if process.alive(self._home, name):
            return False
        if not self._pauses.setdefault(name, Pause(self._clock)).over():
            return False
        _say(f"{name} died: {process.reason(self._home, name)}: starting it again")
        process.stop(self._home, name)
        return True

    def _revive(self) -> None:
        for name in taskmanagers.wanted(self._home):
            if self._died(name):
                taskmanagers.start(self._settings, self._home, name)

    def _match(self) -> None:
        """As many as the jobs need. One that no job has used yet may be there for the next."""
        jobs = {job.id: job.name for job in self._rest.jobs()}
        needed = sum(map(self._needs, jobs))
        free = self._rest.free_slots()
        names = taskmanagers.wanted(self._home)
        # By process: a fresh one may have got the name of one that was used.
        pids = {n: process.alive(self._home, n) for n in names}
        self._used = {p for p in pids.items() if p in self._used or free.get(p[0]) == 0}
        if len(names) < needed:
            for name in taskmanagers.unused_names(self._home, needed - len(names)):
                _say(f"{name}: a job waits for it")
                taskmanagers.start(self._settings, self._home, name)
        over = max(0, len(names) - needed)
        for name in [n for n in names if (n, pids[n]) in self._used and free.get(n)][:over]:
            _say(f"{name}: its job has ended")
            taskmanagers.stop(self._home, name)
        self._let_yield(jobs)

    def _let_yield(self, jobs: Mapping[str, str]) -> None:
        """Lower the priority of each process that a job has begun to use, if the job yields; `jobs`
        are the names of those that run.
        """
        self._placed &= self._used
        for name, pid in self._used - self._placed:
            found = [jobs[job] for job in self._rest.slots_of(name) if job in jobs]
            if pid is not None and found:
                self._placed.add((name, pid))
                if priority.yields(found):
                    priority.give_way(pid)

    def _needs(self, job: str) -> int:
        """How many slots a job needs; 0 as long as it isn't known."""
        if job not in self._slots:
            slots = self._rest.slots(job)
            if not slots:
                return 0
            self._slots[job] = slots
        return self._slots[job]

    def _trouble(self, words: str) -> None:
        """Tell what went wrong: once, and again after a while if it goes on."""
        now = self._clock()
        if now - self._told.get(words, float("-inf")) >= REPEAT_S:
            self._told = {w: t for w, t in self._told.items() if now - t < REPEAT_S}
            self._told[words] = now
            _say(words)


def _say(words: str) -> None:
    with contextlib.suppress(OSError):  # the disk is full, say: the work goes on
        print(words, flush=True)


def supervise(settings: Settings, home: Home) -> None:
    """Look again and again; runs until it is ended."""
    supervisor = Supervisor(settings, home)
    while True:
        supervisor.look()
        time.sleep(LOOK_S)


if __name__ == "__main__":
    supervise(parse("", os.environ), Home(Path(sys.argv[1])))
