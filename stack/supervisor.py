"""The process that sees to the TaskManagers: one that died is started again, a job that waits for
a slot gets one, and one whose job has ended is ended.

So `flink run` needs nothing but a running cluster, and never finds the code of an earlier job.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from risk.settings import Settings, parse
from stack import process, taskmanagers
from stack.flink_rest import FlinkRest, FlinkUnavailable
from stack.process import Home, StackError

LOOK_S = 1.0


class Supervisor:
    """Looks after the TaskManagers of one cluster."""

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings, self._home = settings, home
        self._rest = FlinkRest(settings.flink.url)
        self._used: set[tuple[str, int | None]] = set()  # their interpreters hold a job's code
        self._slots: dict[str, int] = {}  # by job

    def look(self) -> None:
        """Look once, and do what is to be done."""
        with taskmanagers.lock(self._home):
            try:
                self._revive()
                self._match()
            except FlinkUnavailable:
                pass  # starting or stopping
            except StackError as error:
                print(error, flush=True)

    def _revive(self) -> None:
        for name in taskmanagers.wanted(self._home):
            if process.alive(self._home, name) is None:
                print(f"{name} died: starting it again", flush=True)
                process.stop(self._home, name)
                taskmanagers.start(self._settings, self._home, name)

    def _match(self) -> None:
        """As many as the jobs need. One that no job has used yet may be there for the next."""
        needed = sum(self._needs(job.id) for job in self._rest.jobs())
        free = self._rest.free_slots()
        names = taskmanagers.wanted(self._home)
        # By process: a fresh one may have got the name of one that was used.
        pids = {n: process.alive(self._home, n) for n in names}
        self._used = {p for p in pids.items() if p in self._used or free.get(p[0]) == 0}
        if len(names) < needed:
            for name in taskmanagers.unused_names(self._home, needed - len(names)):
                print(f"{name}: a job waits for it", flush=True)
                taskmanagers.start(self._settings, self._home, name)
        over = max(0, len(names) - needed)
        for name in [n for n in names if (n, pids[n]) in self._used and free.get(n)][:over]:
            print(f"{name}: its job has ended", flush=True)
            taskmanagers.stop(self._home, name)

    def _needs(self, job: str) -> int:
        """How many slots a job needs; 0 as long as it isn't known."""
        if job not in self._slots:
            slots = self._rest.slots(job)
            if not slots:
                return 0
            self._slots[job] = slots
        return self._slots[job]


def supervise(settings: Settings, home: Home) -> None:
    """Look again and again; runs until it is ended."""
    supervisor = Supervisor(settings, home)
    while True:
        supervisor.look()
        time.sleep(LOOK_S)


if __name__ == "__main__":
    supervise(parse("", os.environ), Home(Path(sys.argv[1])))
