"""TaskManagers: one a job, kept running by a supervisor.

In thread mode a TaskManager's interpreter keeps the modules that it imported first, so every job
starts in a fresh one. `wanted` holds the names of those that should run; `supervisor` starts again
what died.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from risk.config.names import FLINK_PROCESS
from risk.config.settings import Settings, to_environment
from risk.errors import StackError
from risk.paths import ROOT
from risk.stack import class_archive, flink_command, flink_config, process, zookeeper
from risk.stack.flink_rest import FlinkRest
from risk.stack.process import Home
from risk.stack.secrets import with_generated

SUPERVISOR = "flink-supervisor"
PREFIX = "taskmanager-"
KIND = "taskmanager"
RECORDS = f"{PREFIX}0"  # it alone leaves an archive of its classes, which takes a while


def wanted(home: Home) -> list[str]:
    """The names of the TaskManagers that should run."""
    try:
        found: list[str] = json.loads(_file(home).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return []
    return found


@contextlib.contextmanager
def lock(home: Home) -> Iterator[None]:
    """Held while TaskManagers are chosen, started or stopped."""
    with (home.folder("flink") / "taskmanagers.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def fresh(settings: Settings, home: Home, count: int = 1) -> None:
    """Replace all TaskManagers without a job by `count` new ones.

    They start while a job is submitted, which waits for its slots.
    """
    with lock(home):
        for name in idle(settings, home):
            stop(home, name, used=False)
        for name in unused_names(home, count):
            start(settings, home, name)


def unused_names(home: Home, count: int) -> list[str]:
    """Names for so many more. Raises `StackError` if there aren't as many."""
    limit, taken = flink_config.TASKMANAGERS, wanted(home)
    names = [name for n in range(limit) if (name := f"{PREFIX}{n}") not in taken][:count]
    if len(names) < count:
        raise StackError(f"{len(taken)} of {limit} TaskManagers are taken: cancel a job first")
    return names


def idle(settings: Settings, home: Home) -> list[str]:
    """The TaskManagers of which no running job holds a slot.

    One that has just ended may hold its slot for a moment longer: the next job would get that, and
    the modules that this TaskManager has imported.
    """
    rest = FlinkRest(settings.flink.url)
    running = {job.id for job in rest.jobs()}
    known = rest.free_slots()
    return [n for n in wanted(home) if n not in known or not rest.slots_of(n) & running]


def start(settings: Settings, home: Home, name: str) -> None:
    """Start a TaskManager and want it."""
    _want(home, {*wanted(home), name})
    archive = class_archive.options(home, KIND, name, leave=name == RECORDS)
    process.spawn(
        home,
        name,
        [*flink_command.taskmanager(home, name, archive), *zookeeper.PATIENT],
        # The settings' secrets too: job graphs travel without them.
        env=flink_config.environment(home)
        | to_environment(with_generated(settings, home, "jobs"))
        | {FLINK_PROCESS: name, "PYTHONPATH": str(flink_config.INTERPRETER)},
    )


def stop(home: Home, name: str, used: bool = True) -> None:
    """Stop a TaskManager, and no longer want it. One that was `used` has loaded all that a job
    needs, for an archive.
    """
    _want(home, set(wanted(home)) - {name})
    _end(home, name, used)


def stop_all(home: Home) -> None:
    """Stop the supervisor and all TaskManagers, these at the same time."""
    process.stop(home, SUPERVISOR)
    if not (names := wanted(home)):
        return
    _want(home, set())
    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        for stopping in [pool.submit(_end, home, name) for name in names]:
            stopping.result()


def _end(home: Home, name: str, used: bool = True) -> None:
    if process.stop(home, name) and used:
        class_archive.keep(home, KIND, name)


def start_supervisor(settings: Settings, home: Home) -> None:
    """Start the process that sees to the TaskManagers."""
    process.spawn(
        home,
        SUPERVISOR,
        [sys.executable, "-m", "risk.stack.supervisor", home.path],
        env=flink_config.environment(home) | to_environment(with_generated(settings, home, "jobs")),
        cwd=ROOT,
    )


def _file(home: Home) -> Path:
    return home.folder("flink") / "taskmanagers.json"


def _want(home: Home, names: set[str]) -> None:
    path = _file(home)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(sorted(names)), encoding="ascii")
    draft.replace(path)
