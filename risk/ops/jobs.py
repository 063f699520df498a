"""Jobs on the Flink cluster: submit with fresh TaskManagers, wait until they run, cancel."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from flink_jobs.version import shipped
from risk.config.settings import Settings, to_environment
from risk.config.types import in_url
from risk.errors import UserError
from risk.paths import ROOT
from risk.stack import class_archive, flink_command, flink_config, taskmanagers
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable, Job, understood
from risk.stack.process import Home, alive
from risk.stack.secrets import with_generated
from risk.waiting import until

ZIP = ROOT / "build" / "risk-code.zip"
EPOCH = (1980, 1, 1, 0, 0, 0)
# Beyond `slot.request.timeout`, after which Flink itself says what a job lacks: on a busy machine a
# TaskManager alone takes minutes to start, and a job that fails is seen at once anyway.
RUNNING_S = 360.0
FAILURES = 3
SAVEPOINT_S = 120.0
SAVEPOINT_TRIES = 3
CLIENT = "client"
NO_CAUSE = "no cause known"


class Failure(NamedTuple):
    """When a job has failed, in ms UTC by Flink's clock, and why, in one line."""

    at_ms: int
    cause: str


def build_zip() -> Path:
    """The code that jobs are shipped with (`-pyfs`). The same sources give the same bytes."""
    ZIP.parent.mkdir(exist_ok=True)
    draft = ZIP.with_suffix(f".{os.getpid()}")  # another process may be at it, too
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in shipped(ROOT):
            info = zipfile.ZipInfo(path.relative_to(ROOT).as_posix(), EPOCH)
            archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)
    draft.replace(ZIP)
    return ZIP


def submit(
    settings: Settings, home: Home, script: str, args: Sequence[str], options: Sequence[str] = ()
) -> str:
    """Submit `flink_jobs/<script>`; the job's id. `options` are `flink run`'s own.

    A slot must be free; `fresh_slots` sees to that. Raises `UserError` with the reason.
    """
    return submit_several(settings, home, script, args, options)[0]


def submit_several(
    settings: Settings, home: Home, script: str, args: Sequence[str], options: Sequence[str] = ()
) -> list[str]:
    """The same with a script that submits more than one job: their ids, in the order submitted."""
    name = f"{CLIENT}-{os.getpid()}"
    command = [
        *flink_command.client(home, class_archive.options(home, CLIENT, name)),
        *("run", "--detached"),
        *("--jobmanager", f"{in_url(settings.flink.host)}:{settings.flink.rest_port}", *options),
        *("--python", str(ROOT / "flink_jobs" / script), "--pyFiles", str(build_zip())),
        *args,
    ]
    done = subprocess.run(
        command,
        env=flink_config.environment(home)
        | to_environment(with_generated(settings, home, "jobs"))
        | {"PYTHONPATH": str(flink_config.INTERPRETER)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    class_archive.keep(home, CLIENT, name)
    found = re.findall(r"JobID ([0-9a-f]{32})", done.stdout)
    if done.returncode or not found:
        log = home.log("submit")
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
        raise UserError(_reason(done.stdout + done.stderr) + f" (see {log})")
    return found


def fresh_slots(settings: Settings, home: Home, count: int = 1) -> None:
    """Replace the embedded cluster's idle TaskManagers by `count` fresh ones.

    A job waits for its slot: the TaskManagers start while it is submitted. Another cluster than
    the embedded one is left as it is.
    """
    if alive(home, "flink"):
        taskmanagers.fresh(settings, home, count)


def wait_running(settings: Settings, job: str) -> None:
    """Wait until all tasks of a job run. Raises `UserError` if it fails instead, or never runs."""
    failures, before = 0, ""

    def runs() -> bool:
        nonlocal failures, before
        state = find(settings, job)
        if state is None:
            return False
        if state.state in ("FAILED", "CANCELED"):
            raise UserError(f"job {state.name} is {state.state}: {root_cause(settings, job)}")
        failures += state.state == "RESTARTING" != before
        before = state.state
        if failures == FAILURES:
            raise UserError(f"job {state.name} fails again and again: {root_cause(settings, job)}")
        return state.runs

    where = f"see {settings.flink.url} and taskmanager-*.log in {settings.data_dir}/logs"
    wait(runs, RUNNING_S, f"job {job} does not run: {where}")


def wait(condition: Callable[[], bool], timeout_s: float, message: str) -> None:
    """Wait for a condition. Raises `UserError` with the message when time is up."""

    def holds() -> bool:
        with contextlib.suppress(FlinkUnavailable):
            return condition()
        return False

    if not until(holds, timeout_s):
        raise UserError(message)


def find(settings: Settings, job: str) -> Job | None:
    """A job by its id."""
    jobs = FlinkRest(settings.flink.url).jobs(running_only=False)
    return next((found for found in jobs if found.id == job), None)


def running(settings: Settings, prefix: str) -> list[Job]:
    """The running jobs whose name begins so."""
    jobs = FlinkRest(settings.flink.url).jobs()
    return [job for job in jobs if job.name.startswith(prefix)]


def cancel(settings: Settings, job: str) -> None:
    """Cancel a job and wait until it has ended."""
    FlinkRest(settings.flink.url).cancel(job)
    wait_ended(settings, job)


def discard(settings: Settings, home: Home, job: str) -> None:
    """Cancel a job that nothing will go on from, and remove its checkpoints."""
    cancel(settings, job)
    shutil.rmtree(home.folder("flink") / "checkpoints" / job, ignore_errors=True)


def wait_ended(settings: Settings, job: str) -> None:
    """Wait until a job that was cancelled or stopped has ended."""

    def ended() -> bool:
        state = find(settings, job)
        return state is None or state.ended

    wait(ended, 60, f"job {job} does not end")


def stop_with_savepoint(settings: Settings, job: str) -> str:
    """Stop a job so that another can go on from there (`--from-savepoint`); the savepoint's URI.

    A savepoint is declined in the moment in which a task begins or ends: then it is asked for
    again. Raises `UserError` if it fails all the same; then the job runs on.
    """
    for tries_left in reversed(range(SAVEPOINT_TRIES)):
        try:
            return _stop_once(settings, job)
        except FlinkUnavailable as error:
            if not tries_left:
                raise UserError(f"job {job} was not stopped: {error}") from None
            wait_running(settings, job)
    raise AssertionError


def savepoint(settings: Settings, job: str) -> str:
    """A savepoint of a job, which runs on; its URI. Raises `UserError`, `FlinkUnavailable`."""
    rest = FlinkRest(settings.flink.url)
    return _made(rest, job, rest.begin_savepoint(job))


def _stop_once(settings: Settings, job: str) -> str:
    rest = FlinkRest(settings.flink.url)
    return _made(rest, job, rest.stop(job))


def _made(rest: FlinkRest, job: str, request: str) -> str:
    """Where the savepoint of that request is, once it is made."""
    location = until(lambda: rest.savepoint(job, request), SAVEPOINT_S)
    if not location:
        after = f"no savepoint after {SAVEPOINT_S:.0f} s"
        raise UserError(f"job {job}: {after}: is a checkpoint stuck?")
    return location


def root_cause(settings: Settings, job: str) -> str:
    """The innermost cause of the last failure, in one line."""
    try:
        found = failures(FlinkRest(settings.flink.url), job)
    except FlinkUnavailable:
        return NO_CAUSE
    return found[0].cause if found else NO_CAUSE


def failures(rest: FlinkRest, job: str) -> list[Failure]:
    """The last failures of a job, the latest first; of many some. Raises `FlinkUnavailable`."""
    path = f"/jobs/{job}/exceptions"
    answer = rest.get(path)
    with understood(path):
        entries = answer["exceptionHistory"]["entries"]
        return [Failure(int(one["timestamp"]), _reason(str(one["stacktrace"]))) for one in entries]


def _reason(text: str) -> str:
    """Of a client's output or a stack trace, the line that says why."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    own = [line.removeprefix("risk: ") for line in lines if line.startswith("risk: ")]
    python = [line for line in lines if re.match(r"[\w.]+(Error|Exception|StaleCode)\b.*:", line)]
    causes = [line for line in lines if line.startswith("Caused by:")]
    return (own or python[-1:] or causes[-1:] or lines[-1:] or ["no output"])[0]
