"""Payments that keep coming all through the course, and the view of what becomes of them."""

from __future__ import annotations

import threading
import time
from typing import Final

from rich.console import Console

from risk.background import Background
from risk.cli.demonstration.gauges import Gauges
from risk.cli.demonstration.learning.course import ATTACKS, LOW_RATE, Course
from risk.cli.demonstration.learning.stage import Stage
from risk.cli.demonstration.moment import Pace, moment
from risk.cli.demonstration.traffic import Phase, Traffic
from risk.cli.demonstration.view import View
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops.submit import live_jobs
from risk.stack.flink_rest import FlinkUnavailable
from risk.stack.process import Home

LONGEST_S: Final = 3_600.0  # of which the course takes a few minutes
GAUGES_S: Final = 10.0  # each TaskManager's page takes a while, and much else is to be done
STEP_S: Final = 0.25


class Flow(Background):
    """The traffic, in a thread of its own. It never stops for what happens to the jobs.

    In each stage it comes at full rate for a while, and then at a low one until the next stage.
    """

    def __init__(self, settings: Settings, home: Home, course: Course, console: Console) -> None:
        super().__init__()
        self._settings, self._course = settings, course
        self._log = home.log("demo-traffic")
        self._traffic = Traffic((), self._log)
        self._view = View(console)
        self._jobs: dict[str, str] = {}
        self._gauges = Gauges(settings, self._jobs, GAUGES_S)
        self._seen: tuple[Stage, Pace] | None = None
        self._due: list[Phase] = []
        self._seed = course.seed
        self._lock = threading.Lock()  # held while a stage is entered, and while one is over
        self._sent_before = 0
        self._over = threading.Event()  # the full rate of this stage
        self._error: UserError | None = None

    def enter(self, stage: Stage, seconds: float, last: bool) -> None:
        """Payments are this stage's from now on, for so long at full rate."""
        low = Phase(LOW_RATE, LONGEST_S, "none", self._seed + 1)
        full = Phase(self._course.rate, seconds, ATTACKS, self._seed)
        self._seed += 2  # another seed has other users
        with self._lock:
            self._seen = stage, Pace(time.monotonic())
            self._due = [full] if last else [full, low]
            self._over.clear()
        self.look_at_jobs()

    def look_at_jobs(self) -> None:
        """See which jobs there are now. Raises `UserError`."""
        try:
            self._jobs.update({kind: job.id for kind, job in live_jobs(self._settings).items()})
        except (FlinkUnavailable, StackError) as error:
            raise UserError(f"{error}: see `risk status`") from None

    def wait(self) -> None:
        """Until the full rate of the stage is over. Raises what has ended the traffic before."""
        while not self._over.wait(STEP_S):
            if not self._thread.is_alive():
                raise self._error or UserError("no more payments come")

    def end(self) -> int:
        """No more payments; how many records the broker has acknowledged. Raises `UserError`."""
        self.stop()
        if self._error:
            raise self._error
        return self._sent_before + self._traffic.sent

    def _run(self) -> None:
        self._gauges.start()
        try:
            with self._view:
                while not self._ended.wait(STEP_S):
                    self._step()
                    self._show()
                self._traffic.end()
        except (UserError, Unavailable) as error:
            self._error = UserError(str(error))
        finally:
            self._traffic.stop()
            self._gauges.stop()

    def _step(self) -> None:
        with self._lock:
            due, self._due = self._due, []
        if due:
            self._traffic.end()
            self._sent_before += self._traffic.sent
            self._traffic = Traffic(due, self._log)
        self._traffic.step()
        with self._lock:
            if self._traffic.finished and not self._due:
                self._over.set()

    def _show(self) -> None:
        if self._seen is None:
            return
        stage, pace = self._seen
        with stage.tail:
            counts = stage.tail.tally.counts()
            decisions = dict(stage.tail.tally.decisions)
        now = time.monotonic()
        rate, elapsed_s = pace.look(now, counts.events), now - stage.begun
        self._view.show(moment(stage.name, elapsed_s, rate, counts, decisions, self._gauges))
