"""Payments that keep coming all through the course, and the view of what becomes of them."""

from __future__ import annotations

import time
from typing import Final

import msgspec
from rich.console import Console

from risk.background import Background
from risk.cli.demonstration.gauges import Gauges
from risk.cli.demonstration.learning.course import ATTACKS, Course
from risk.cli.demonstration.learning.stage import Stage
from risk.cli.demonstration.traffic import Phase, Traffic
from risk.cli.demonstration.view import Look, View
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops.submit import live_jobs
from risk.stack.flink_rest import FlinkUnavailable
from risk.stack.process import Home

LONGEST_S: Final = 3_600.0  # of which the course takes a few minutes
STEP_S: Final = 0.25
LOOK_S: Final = 1.0


class Pace(msgspec.Struct):
    """How many events a stage had when it was last looked at, and how fast they came."""

    at: float
    events: int = 0
    rate: float = 0.0

    def look(self, now: float, events: int) -> float:
        """Events/s, worked out once a second."""
        if now - self.at >= LOOK_S:
            self.rate = (events - self.events) / (now - self.at)
            self.at, self.events = now, events
        return self.rate


class Flow(Background):
    """The traffic, in a thread of its own. It never stops for what happens to the jobs."""

    def __init__(self, settings: Settings, home: Home, course: Course, console: Console) -> None:
        super().__init__()
        self._settings = settings
        phase = Phase(course.rate, LONGEST_S, ATTACKS, course.seed)
        self._traffic = Traffic([phase], home.log("demo-traffic"))
        self._view = View(console)
        self._jobs: dict[str, str] = {}
        self._gauges = Gauges(settings, self._jobs)
        self._seen: tuple[Stage, Pace] | None = None
        self._error: UserError | None = None

    def follow(self, stage: Stage) -> None:
        """Payments are this stage's from now on."""
        self._seen = stage, Pace(time.monotonic())
        self.look_at_jobs()

    def look_at_jobs(self) -> None:
        """See which jobs there are now. Raises `UserError`."""
        try:
            self._jobs.update({kind: job.id for kind, job in live_jobs(self._settings).items()})
        except (FlinkUnavailable, StackError) as error:
            raise UserError(f"{error}: see `risk status`") from None

    def wait(self, seconds: float) -> None:
        """Let payments come for so long. Raises what has ended them instead."""
        self._thread.join(max(0.0, seconds))
        if not self._thread.is_alive():
            raise self._error or UserError("no more payments come")

    def end(self) -> int:
        """No more payments; how many records the broker has acknowledged. Raises `UserError`."""
        self.stop()
        if self._error:
            raise self._error
        return self._traffic.sent

    def _run(self) -> None:
        self._gauges.start()
        try:
            with self._view:
                while not self._ended.wait(STEP_S):
                    if not self._traffic.step():
                        raise UserError(f"no traffic any more after {LONGEST_S:g} s")
                    self._show()
                self._traffic.end()
        except (UserError, Unavailable) as error:
            self._error = UserError(str(error))
        finally:
            self._traffic.stop()
            self._gauges.stop()

    def _show(self) -> None:
        if self._seen is None:
            return
        stage, pace = self._seen
        with stage.tail:
            counts = stage.tail.tally.counts()
            decisions = dict(stage.tail.tally.decisions)
        now = time.monotonic()
        self._view.show(
            Look(
                phase=stage.name,
                elapsed_s=now - stage.begun,
                events=counts.events,
                rate=pace.look(now, counts.events),
                scored=counts.scored,
                waiting=counts.waiting,
                decisions=decisions,
                lags=self._gauges.lags,
                users=self._gauges.users,
                ips=self._gauges.ips,
            )
        )
