"""Targets run in processes of their own: what takes one down is a finding, and the run goes on."""

from __future__ import annotations

import mmap
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from tests.fuzz.run import Figures, Finding, file_name

SILENT_S: Final = 120.0  # without a word: one input hangs where the time isn't looked at
MOST_BYTES: Final = 1 << 20
_HEAD: Final = 8  # bytes: the length of the input that runs now
ROOT: Final = Path(__file__).parent.parent.parent
CHILD: Final = "tests.fuzz.child"
GUIDED: Final = ROOT / ".venv-fuzz" / "bin" / "python"
BUILD: Final = ROOT / "build" / "fuzz"


class Word(msgspec.Struct, omit_defaults=True):
    """What a process tells, a line each: figures now and then, findings at the end."""

    figures: Figures
    findings: list[Finding] = []
    ended: bool = False


class Result(msgspec.Struct):
    """What came of a target."""

    target: str
    figures: Figures
    findings: list[Finding]
    files: list[str] = []


class Current:
    """The input that runs now, where the parent finds it if the process is no more."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(MOST_BYTES)
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), MOST_BYTES)

    def set(self, data: bytes) -> None:
        """Note it."""
        kept = data[: MOST_BYTES - _HEAD]
        self._map[:_HEAD] = len(kept).to_bytes(_HEAD, "little")
        self._map[_HEAD : _HEAD + len(kept)] = kept

    @staticmethod
    def read(path: Path) -> bytes:
        """The last one."""
        raw = path.read_bytes()
        return raw[_HEAD : _HEAD + int.from_bytes(raw[:_HEAD], "little")]


def drive(
    target: str,
    seed: int,
    inputs: int,
    seconds: float,
    report: Callable[[str, Figures], object],
    guided: bool = False,
) -> Result:
    """Run a target in a process, and in another one if it takes that down; up to three times.

    `guided` is led by coverage, in the environment that has what it takes.
    """
    found = Result(target, Figures(), [])
    until = time.monotonic() + seconds
    for attempt in range(3):
        left = inputs - found.figures.inputs
        if left <= 0 or time.monotonic() > until:
            break
        if _one(found, seed + attempt, left, until, report, guided):
            break
    for one in found.findings:
        found.files.append(save(target, one))
    return found


def save(target: str, finding: Finding) -> str:
    """Keep a finding's input: the path of its file, from the root of the repository."""
    path = BUILD / target / f"found-{file_name(finding.data)}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(finding.data)
    (path.parent / f"{path.name}.txt").write_text(finding.told)
    return str(path.relative_to(ROOT))


def _one(
    found: Result,
    seed: int,
    inputs: int,
    until: float,
    report: Callable[[str, Figures], object],
    guided: bool,
) -> bool:
    """Whether the process came to its end."""
    current = BUILD / found.target / "current"
    python, module = (GUIDED, "tests.fuzz.guided") if guided else (sys.executable, CHILD)
    command = [str(python), "-m", module, found.target, str(seed), str(inputs)]
    command += [f"{max(1.0, until - time.monotonic()):.0f}", str(current)]
    before = msgspec.structs.replace(found.figures)
    quiet = subprocess.DEVNULL if guided else None  # libFuzzer tells much
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=quiet) as process:
        assert process.stdout is not None
        while _says(process.stdout.fileno()):
            line = process.stdout.readline()
            if not line:
                break
            word = msgspec.json.decode(line, type=Word)
            found.figures = _added(before, word.figures)
            report(found.target, found.figures)
            if word.ended:
                found.findings += word.findings
                process.wait()
                return True
        else:
            process.kill()
        code = process.wait()
    what = f"the process ended with {code}" if code >= 0 else f"the process ended by signal {-code}"
    finding = Finding(what, what, Current.read(current))
    known = [one for one in found.findings if (one.told, one.data) == (what, finding.data)]
    for one in known:
        one.times += 1
    found.findings += [] if known else [finding]
    return False


def _says(descriptor: int) -> bool:
    ready, _, _ = select.select([descriptor], [], [], SILENT_S)
    return bool(ready)


def _added(before: Figures, now: Figures) -> Figures:
    slowest = max((before, now), key=lambda one: one.slowest_s)
    return Figures(
        before.inputs + now.inputs,
        before.seconds + now.seconds,
        slowest.slowest_s,
        slowest.slowest,
        max(before.peak_mb, now.peak_mb),
        before.accepted + now.accepted,
        max(before.outcomes, now.outcomes),
    )


def limit_memory() -> None:
    """Let this process have 2 GB of addresses beyond what it has: more is a `MemoryError`."""
    import resource

    with Path("/proc/self/statm").open() as statm:
        has = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (has + (2 << 30), resource.RLIM_INFINITY))
