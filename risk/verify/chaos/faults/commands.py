"""Commands that change which jobs run, killed in the middle: the same once more has to end well."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from risk.config import names
from risk.config.names import SCORE, SCORING_JOBS, ruleset_of
from risk.config.settings import to_environment
from risk.errors import UserError
from risk.ops import jobs, metadata
from risk.paths import ROOT
from risk.registry import runs
from risk.verify.chaos.plan import Action
from risk.verify.chaos.testbed import Span, Testbed

END_S: Final = 400.0
RULESETS: Final = ("default", "strict")  # one takes over from the other, by turns
REPLAY: Final = " replay-"  # in the names of their jobs


def kill_promote(testbed: Testbed, action: Action) -> Span:
    """Killed a moment after it has told its nth step; then once more, to its end."""
    begin = time.monotonic()
    name, _ = ruleset_of(testbed.job(SCORE).name)
    other = next(one for one in RULESETS if one != name)
    _killed(testbed, ("promote", other), int(action.target.removeprefix("step ")), action.seconds)
    _to_the_end(testbed, ("promote", other))
    return Span(begin, time.monotonic())


def kill_replay(testbed: Testbed, action: Action) -> Span:
    """Killed after a while; then once more, to its end. The first job is ended by hand."""
    begin = time.monotonic()
    words = ("replay", "--ruleset", "strict")
    _killed(testbed, words, 0, action.seconds)
    _end_replays(testbed)
    _to_the_end(testbed, words)
    return Span(begin, time.monotonic())


def _end_replays(testbed: Testbed) -> None:
    """End those that nobody waits for. Raises `UserError` if one is no run that is noted."""
    metadata.refresh(testbed.settings)
    noted = [run.run_id for run in runs.running(testbed.settings)]
    for job in jobs.running(testbed.settings, SCORING_JOBS):
        if REPLAY in job.name:
            if not any(names.is_of_run(job.name, run) for run in noted):
                raise UserError(f"{job.name} runs, and `risk runs` doesn't know it")
            jobs.discard(testbed.settings, testbed.home, job.id)
    metadata.refresh(testbed.settings)


def _killed(testbed: Testbed, words: Sequence[str], step: int, seconds: float) -> None:
    """Kill the command so long after its nth line, or after its start; unless it has ended."""
    command = _start(testbed, words)
    assert command.stdout is not None, "it is a pipe"
    told = threading.Event()
    reached = 0

    def listen() -> None:
        nonlocal reached
        assert command.stdout is not None, "it is a pipe"
        for _ in command.stdout:
            reached += 1
            if reached >= step:
                told.set()
        told.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    if step:
        told.wait(END_S)
    try:
        command.wait(seconds)
    except subprocess.TimeoutExpired:
        command.kill()
        command.wait()
    listener.join()


def _to_the_end(testbed: Testbed, words: Sequence[str]) -> None:
    """Run it. Raises `UserError` if it doesn't end, or doesn't end well."""
    command = _start(testbed, words)
    try:
        said, _ = command.communicate(timeout=END_S)
    except subprocess.TimeoutExpired:
        command.kill()
        said, _ = command.communicate()
        raise UserError(f"risk {' '.join(words)}: no end after {END_S:.0f} s: {said}") from None
    if command.returncode:
        last = (said.strip().splitlines() or ["no output"])[-1]
        raise UserError(f"risk {' '.join(words)} ended with {command.returncode}: {last}")


def _start(testbed: Testbed, words: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        (str(Path(sys.prefix) / "bin" / "risk"), *words),
        cwd=ROOT,
        env=os.environ | to_environment(testbed.settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
