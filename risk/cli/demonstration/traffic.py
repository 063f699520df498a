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


class Part(NamedTuple):
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

    def __init__(self, parts: Sequence[Part], log: Path) -> None:
        self._parts, self._log = list(parts), log
        self._process: subprocess.Popen[str] | None = None
        self._begun = 0.0
        self._part: Part | None = None
        self.sent = 0
        self.most_behind_s = 0.0

    def step(self, go_on: Callable[[], bool] = lambda: True) -> bool:
        """Start what is due; whether there is traffic still. Raises `UserError` if it fails.

        Between two parts it waits until it may `go_on`.
        """
        if self._process is not None:
            if self._process.poll() is None:
                return True
            self._finish(self._process)
        if not self._parts:
            self._part = None
            return False
        if self._part is not None and not go_on():
            return True
        self._part = self._parts.pop(0)
        self._begun = time.monotonic()
        command = [
            *(sys.executable, "-c", COMMAND, "generate", "--json"),
            *("--rate", str(self._part.rate), "--duration", str(self._part.seconds)),
            *("--attack", self._part.attack, "--seed", str(self._part.seed)),
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

    @property
    def last(self) -> bool:
        """Whether the last part runs."""
        return self._part is not None and not self._parts

    @property
    def share_done(self) -> float:
        """How much of the part that runs is over, 0 to 1."""
        if self._part is None:
            return 1.0
        return min(1.0, (time.monotonic() - self._begun) / self._part.seconds)

    def stop(self) -> None:
        """End it; nothing happens if it has ended."""
        self._parts.clear()
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
        self.most_behind_s = max(self.most_behind_s, sent.most_behind_s)
