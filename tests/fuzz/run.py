"""One input after another through a target, each bounded in time and memory."""

from __future__ import annotations

import hashlib
import re
import resource
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from tests.fuzz.mutate import Mutator
from tests.fuzz.target import Target

TIME_S: Final = 2.0  # of the processor's time
MEMORY_MB: Final = 128  # by which one input may raise the peak
MOST_POOLED: Final = 600
_HERE: Final = Path(__file__)
_ROOT: Final = _HERE.parent.parent.parent
_VARYING: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[0-9][0-9,.]*|\s+")


class TooSlow(BaseException):
    """An input took more than its time."""


class TooLarge(BaseException):
    """An input took more than its memory."""


class Finding(msgspec.Struct):
    """What an input has shown that no input may. `signature` is the same for the same cause."""

    signature: str
    told: str
    data: bytes
    times: int = 1


class Figures(msgspec.Struct):
    """What a run has come to in `seconds`, making the inputs included.

    The slowest input's time is the processor's. `outcomes` are ways to end.
    """

    inputs: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    slowest: bytes = b""
    peak_mb: float = 0.0
    accepted: int = 0
    outcomes: int = 0


class Run:
    """Runs a target: its corpus and seeds as they are, then inputs made of them.

    An input that ends in a new way joins those that others are made of.
    """

    def __init__(self, target: Target, seed: int) -> None:
        self.target, self.figures = target, Figures()
        self.findings: dict[str, Finding] = {}
        self.mutator = Mutator(target, seed)
        self._pool: list[bytes] = []
        self._ways: set[str] = set()
        self._begun = time.monotonic()

    def inputs(self, count: int) -> Iterator[bytes]:
        """So many inputs, the corpus and the seeds before all others."""
        kept = [*self.target.corpus(), *self.target.seeds]
        yield from kept
        self._pool += [data for data in kept if data not in self._pool][:MOST_POOLED]
        for _ in range(count - len(kept)):
            yield self.mutator.next(self._pool)

    def take(self, data: bytes) -> None:
        """Run one input, and note what came of it."""
        _forget_peak()
        figures, before = self.figures, _peak_mb()
        begun = time.process_time()
        way = "accepted"
        try:
            with bounded():
                came = self.target.once(data)
                if _peak_mb() - before > MEMORY_MB:
                    raise TooLarge(f"{_peak_mb() - before:.0f} MB more")
            figures.accepted += 1
            way = "accepted" if came is None else f"accepted {came}"
        except self.target.allowed as error:
            way = type(error).__name__ + _VARYING.sub("", str(error)[:200])[:60]
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            way = self._note(data, error)
        took = time.process_time() - begun
        figures.inputs += 1
        figures.seconds = time.monotonic() - self._begun
        if took > figures.slowest_s:
            figures.slowest_s, figures.slowest = took, data
        figures.peak_mb = max(figures.peak_mb, _peak_mb())
        if way not in self._ways:
            self._ways.add(way)
            figures.outcomes = len(self._ways)
            if len(self._pool) < MOST_POOLED:
                self._pool.append(data)

    def _note(self, data: bytes, error: BaseException) -> str:
        name = signature(error)
        known = self.findings.get(name)
        if known is None:
            told = "".join(traceback.format_exception(error))[-3_000:]
            self.findings[name] = Finding(name, told, data)
        else:
            known.times += 1
            if len(data) < len(known.data):
                known.data = data
        return name


def signature(error: BaseException) -> str:
    """Its kind, and the last place of the project that it went through."""
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(_ROOT) and ".venv" not in path.parts and path != _HERE:
            where = f"{path.relative_to(_ROOT)}:{frame.name}"
    return f"{type(error).__name__} at {where}"


def file_name(data: bytes) -> str:
    """What an input is called as a file."""
    return hashlib.sha256(data).hexdigest()[:16]


def _forget_peak() -> None:
    """Let the peak be what is taken now: what came before would hide what the next input takes."""
    with suppress(OSError), open("/proc/self/clear_refs", "wb", buffering=0) as refs:
        refs.write(b"5")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def _stop(number: int, frame: object) -> None:
    raise TooSlow(f"more than {TIME_S:g} s of the processor's time")


@contextmanager
def bounded(seconds: float = TIME_S) -> Iterator[None]:
    """Raises `TooSlow` in what takes longer. Elsewhere than in the main thread nothing is bounded.

    It is the processor's time, so a busy machine changes nothing.
    """
    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
