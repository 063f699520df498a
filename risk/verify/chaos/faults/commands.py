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
from risk.verify.chaos.kinds import step_of
from risk.verify.chaos.plan import Action
from risk.verify.chaos.testbed import Span, Testbed

END_S: Final = 400.0
RULESETS: Final = ("default", "strict")  # one takes over from the other, by turns
REPLAY: Final = " replay-"  # in the names of their jobs


def kill_promote(testbed: Testbed, action: Action) -> Span:
    """Killed a moment after it has told a step; then once more, to its end."""
    begin = time.monotonic()
    name, _ = ruleset_of(testbed.job(SCORE).name)
    other = next(one for one in RULESETS if one != name)
    note = _killed(testbed, ("promote", other), action)
    _to_the_end(testbed, ("promote", other))
    return Span(begin, time.monotonic(), note)


def kill_replay(testbed: Testbed, action: Action) -> Span:
    """The same. The job that it has begun, if it has, is ended by hand."""
    begin = time.monotonic()
    words = ("replay", "--ruleset", "strict")
    note = _killed(testbed, words, action)
    _end_replays(testbed)
    _to_the_end(testbed, words)
    return Span(begin, time.monotonic(), note)


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


def _killed(testbed: Testbed, words: Sequence[str], action: Action) -> str:
    """Kill the command so long after its nth line, or after its start. What it had told by then."""
    command = _start(testbed, words)
    step = step_of(action.target)
    told: list[str] = []
    reached = threading.Event()

    def listen() -> None:
        assert command.stdout is not None, "it is a pipe"
        for line in command.stdout:
            told.append(line.strip())
            if len(told) >= step:
                reached.set()
        reached.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    if step:
        reached.wait(END_S)
    try:
        command.wait(action.seconds)
        how = "had ended"
    except subprocess.TimeoutExpired:
        command.kill()
        command.wait()
        how = "killed"
    listener.join()
    return f"{how} after {told[-1]!r}" if told else f"{how} before it told anything"


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
