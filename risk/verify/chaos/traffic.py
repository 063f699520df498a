"""Payments in disorder, from a process of its own, so that it can be killed: once more from the
last ones that were acknowledged, as a producer does that doesn't know how far it had come.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from generator.config import StreamConfig
from generator.publish import Publisher
from generator.record import Record
from generator.stream import records
from risk.config.settings import ENV_PREFIX, Settings, parse, to_environment
from risk.errors import UserError
from risk.kafka.client import client_config
from risk.paths import ROOT
from risk.verify.chaos.clock import Clock
from risk.verify.chaos.journal import Journal, read

AGAIN: Final = 100  # so many of those that were acknowledged are sent once more
CLOCK: Final = "clock-behind-ms"  # a file beside the journals
LONGEST_S: Final = 86_400.0
END_S: Final = 150.0  # for what is on its way, while the broker may be away
# More disorder than the generator has by itself; as much of everything as an engine has to bear.
DISORDER: Final[Mapping[str, Any]] = {
    "out_of_order": 0.2,
    "duplicates": 0.03,
    "malformed": 0.01,
    "late": 0.01,
}


class Traffic:
    """The process. `count` is how often it was started."""

    module = "risk.verify.chaos.traffic"  # what it runs

    def __init__(self, settings: Settings, folder: Path, seed: int, rate: float) -> None:
        self._settings, self.folder = settings, folder
        self._seed, self._rate = seed, rate
        self._start_ms = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.count = 0
        self.clock = Clock(folder / CLOCK)

    @property
    def journals(self) -> list[Path]:
        """What each of its processes has noted."""
        return [self._journal(number) for number in range(self.count)]

    def acknowledged(self) -> int:
        """How many records the broker has acknowledged so far."""
        return sum(1 for path in self.journals for _ in read(path))

    def start(self) -> None:
        """Begin, or go on after `kill`: with some of what was acknowledged already."""
        skip = max(0, self.acknowledged() - AGAIN * self.count)
        path = self._journal(self.count)
        self.count += 1
        self._start_ms = self._start_ms or _now_ms()
        arguments = self.arguments(path, skip)
        with path.with_suffix(".log").open("wb") as log:
            self._process = subprocess.Popen(
                (sys.executable, "-m", self.module, *map(str, arguments)),
                cwd=ROOT,
                env=_environment() | to_environment(self._settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def arguments(self, journal: Path, skip: int) -> tuple[object, ...]:
        """What its process is told: where to note, and after how many records to begin."""
        return journal, self._seed, self._rate, self._start_ms, skip

    def kill(self) -> None:
        """End it at once, whatever it has on its way."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def check(self) -> None:
        """Raise `UserError` if it has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            log = self._journal(self.count - 1).with_suffix(".log")
            raise UserError(f"the generator has ended: see {log}")

    def stop(self) -> None:
        """End it once the broker has acknowledged what it has sent. Raises `UserError`."""
        self.check()
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise UserError("the generator does not end") from None
        self._process = None

    def _journal(self, number: int) -> Path:
        return self.folder / f"acknowledged-{number}"


def rest(stream: Iterable[Record], skip: int, passed_ms: int) -> Iterator[Record]:
    """What comes after so many records, when so much time has passed: what was due is due now."""
    for record in islice(stream, skip, None):
        yield record._replace(due_ms=max(0, record.due_ms - passed_ms))


def publish(settings: Settings, journal: Path, stream: Iterator[Record], paced: bool) -> int:
    """Send all of it, until SIGTERM comes; how many the broker did not take.

    It ends with the process that has started it, however that ends: else it would send to whatever
    listens at that address next.
    """
    noted, parent = Journal(journal), os.getppid()

    def tick() -> None:
        if os.getppid() != parent:
            publisher.stop()

    publisher = Publisher(settings, client_config(settings.kafka), tick, noted.write)
    signal.signal(signal.SIGTERM, lambda *_: publisher.stop())
    publisher.run(stream, paced=paced)
    print(f"{publisher.tally.errors} errors {publisher.tally.first_error or ''}")
    return publisher.tally.errors


def _environment() -> dict[str, str]:
    """That of this process, without settings: those that are passed on are whole."""
    return {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def main(arguments: Sequence[str]) -> None:
    """Publish until SIGTERM comes: `JOURNAL SEED RATE START_MS SKIP`, settings by environment."""
    path, seed, rate, start_ms, skip = arguments
    settings = parse("", os.environ)
    config = StreamConfig(
        start_time=int(start_ms),
        seed=int(seed),
        rate=float(rate),
        duration_s=LONGEST_S,
        partitions=settings.kafka.partitions,
        **DISORDER,
    )
    passed_ms = _now_ms() - config.start_time
    stream = rest(records(config), int(skip), passed_ms)
    clock = Clock(Path(path).with_name(CLOCK))
    publish(settings, Path(path), clock.stamped(stream), paced=True)


if __name__ == "__main__":
    main(sys.argv[1:])
