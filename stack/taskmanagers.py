"""TaskManagers: one a job, kept running by a supervisor.

In thread mode a TaskManager's interpreter keeps the modules that it imported first, so every job
starts in a fresh one. `wanted` holds the names of those that should run; the supervisor starts
again what died.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from risk.settings import Settings, parse, to_environment
from stack import flink_config, process
from stack.flink_rest import FlinkRest, FlinkUnavailable
from stack.process import Home, StackError
from stack.user import ROOT

SUPERVISOR = "flink-supervisor"
PREFIX = "taskmanager-"
START_S = 60.0


def wanted(home: Home) -> list[str]:
    """The names of the TaskManagers that should run."""
    try:
        found: list[str] = json.loads(_file(home).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return []
    return found


def fresh(settings: Settings, home: Home, count: int = 1) -> list[str]:
    """Replace all TaskManagers without a job by `count` new ones; waits for their slots."""
    rest = FlinkRest(settings.flink.url)
    for name in idle(settings, home):
        stop(home, name)
    limit = flink_config.TASKMANAGERS
    taken = wanted(home)
    names = [name for n in range(limit) if (name := f"{PREFIX}{n}") not in taken][:count]
    if len(names) < count:
        raise StackError(f"{len(taken)} of {limit} TaskManagers are taken: cancel a job first")
    for name in names:
        start(settings, home, name)

    def registered() -> bool:
        free = rest.free_slots()
        return all(free.get(name) == 1 for name in names)

    _wait(registered, f"{', '.join(names)} did not register: see {home.logs}/{names[0]}.log")
    return names


def idle(settings: Settings, home: Home) -> list[str]:
    """The TaskManagers whose slot no job holds."""
    free = FlinkRest(settings.flink.url).free_slots()
    return [name for name in wanted(home) if free.get(name, 1) > 0]


def start(settings: Settings, home: Home, name: str) -> None:
    """Start a TaskManager and want it."""
    flink = flink_config.distribution()
    process.spawn(
        home,
        name,
        [
            *(flink / "bin" / "taskmanager.sh", "start-foreground"),
            *("-D", f"taskmanager.resource-id={name}"),
        ],
        # The settings' secrets too: job graphs travel without them.
        env=flink_config.environment(home) | to_environment(settings),
    )
    _want(home, {*wanted(home), name})


def stop(home: Home, name: str) -> None:
    """Stop a TaskManager, and no longer want it."""
    _want(home, set(wanted(home)) - {name})
    process.stop(home, name)


def stop_all(home: Home) -> None:
    """Stop the supervisor and all TaskManagers."""
    process.stop(home, SUPERVISOR)
    for name in wanted(home):
        stop(home, name)


def forget_all(home: Home) -> None:
    """Want none: a new cluster has no jobs."""
    stop_all(home)


def start_supervisor(settings: Settings, home: Home) -> None:
    """Start the process that starts dead TaskManagers again."""
    process.spawn(
        home,
        SUPERVISOR,
        [sys.executable, "-m", "stack.taskmanagers", home.path],
        env=flink_config.environment(home) | to_environment(settings),
        cwd=ROOT,
    )


def supervise(settings: Settings, home: Home) -> None:
    """Look once a second; runs until it is ended."""
    while True:
        for name in wanted(home):
            if process.alive(home, name) is None and name in wanted(home):
                print(f"{name} died: starting it again", flush=True)
                process.stop(home, name)
                start(settings, home, name)
        time.sleep(1)


def _file(home: Home) -> Path:
    return home.folder("flink") / "taskmanagers.json"


def _want(home: Home, names: set[str]) -> None:
    path = _file(home)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(sorted(names)), encoding="ascii")
    draft.replace(path)


def _wait(condition: Callable[[], bool], message: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except FlinkUnavailable:
            pass
        time.sleep(0.2)
    raise StackError(message)


if __name__ == "__main__":
    supervise(parse("", os.environ), Home(Path(sys.argv[1])))
