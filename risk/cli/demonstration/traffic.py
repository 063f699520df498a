"""The demo's traffic: `risk generate` in a process of its own, first slow, then at full rate."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from risk.errors import UserError
from risk.paths import ROOT

WARM_UP_S, WARM_UP_RATE = 10, 50
STOP_S = 15.0
COMMAND = "import sys; from risk.cli.main import main; sys.exit(main())"


class Phase(NamedTuple):
    """A stretch of traffic: events/s for so many seconds."""

    rate: float
    seconds: float
    attack: str
    seed: int


class _Sent(msgspec.Struct):
    records: int
    most_behind_s: float
    errors: int
    first_error: str | None


class Traffic:
    """Publishes the parts one after the other. `step` has to be called every now and then.

    Progress and errors go to the file `log`.
    """

    def __init__(self, phases: Sequence[Phase], log: Path) -> None:
        self._phases, self._log = list(phases), log
        self._process: subprocess.Popen[str] | None = None
        self._begun = 0.0
        self._phase: Phase | None = None
        self.sent = 0
        self.finished = 0  # so many parts have been sent
        self.most_behind_s = 0.0

    def step(self, go_on: Callable[[], bool] = lambda: True) -> bool:
        """Start what is due; whether there is traffic still. Raises `UserError` if it fails.

        Between two parts it waits until it may `go_on`.
        """
        if self._process is not None:
            if self._process.poll() is None:
                return True
            self._finish(self._process)
        if not self._phases:
            self._phase = None
            return False
        if self._phase is not None and not go_on():
            return True
        self._phase = self._phases.pop(0)
        self._begun = time.monotonic()
        command = [
            *(sys.executable, "-c", COMMAND, "generate", "--json"),
            *("--rate", str(self._phase.rate), "--duration", str(self._phase.seconds)),
            *("--attack", self._phase.attack, "--seed", str(self._phase.seed)),
        ]
        with self._log.open("w", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,  # an interrupt is for us to pass on
            )
        return True

    def end(self) -> None:
        """Send no more, and count what was sent. Raises `UserError` if any of it was lost."""
        self._phases.clear()
        if self._process is not None:
            self._process.terminate()
            self._finish(self._process)

    @property
    def last(self) -> bool:
        """Whether the last part runs."""
        return self._phase is not None and not self._phases

    @property
    def share_done(self) -> float:
        """How much of the part that runs is over, 0 to 1."""
        if self._phase is None:
            return 1.0
        return min(1.0, (time.monotonic() - self._begun) / self._phase.seconds)

    def stop(self) -> None:
        """End it; nothing happens if it has ended."""
        self._phases.clear()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.communicate(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def _finish(self, process: subprocess.Popen[str]) -> None:
        out, _ = process.communicate()
        self._process = None
        try:
            sent = msgspec.json.decode(out, type=_Sent)
        except msgspec.DecodeError:
            lines = self._log.read_text(encoding="utf-8").strip().splitlines() or ["no output"]
            reason = lines[-1].removeprefix("risk: ")
            raise UserError(f"no traffic: {reason} (see {self._log})") from None
        if sent.errors:
            raise UserError(f"{sent.errors:,} records were not delivered: {sent.first_error}")
        self.sent += sent.records
        self.finished += 1
        self.most_behind_s = max(self.most_behind_s, sent.most_behind_s)
