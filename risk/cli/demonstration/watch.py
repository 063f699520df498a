"""A run from its first event until each has an outcome, watched."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from risk.cli.demonstration.chaos import SETTLED_MS, Killed, kill_taskmanager
from risk.cli.demonstration.gauges import Gauges
from risk.cli.demonstration.moment import Pace, moment
from risk.cli.demonstration.probe import Probe
from risk.cli.demonstration.summary import Chaos
from risk.cli.demonstration.tail import Tail
from risk.cli.demonstration.tally import Counts
from risk.cli.demonstration.traffic import Traffic
from risk.cli.demonstration.view import View
from risk.config.names import SCORE
from risk.config.settings import Settings
from risk.stack.process import Home

STEP_S = 0.25
WARM_S = 45.0  # the longest that full traffic waits for stores that were just started
STUCK_S = 90.0  # longer than a killed TaskManager takes to be missed and replaced


class Watch:
    """Steps through the run. `jobs` are the jobs' ids by kind."""

    def __init__(
        self,
        settings: Settings,
        home: Home,
        jobs: Mapping[str, str],
        tail: Tail,
        probes: Mapping[str, Probe],
        view: View,
    ) -> None:
        self._settings, self._home, self._jobs = settings, home, jobs
        self._tail, self._probes, self._view = tail, probes, view
        self._gauges = Gauges(settings, jobs)
        self._begun = time.monotonic()
        self._pace = Pace(self._begun)
        self._killed: Killed | None = None
        self._recovered_ms: int | None = None
        self.full_rate_ms = 0  # when the last part of the traffic began, ms UTC

    def run(self, traffic: Traffic, chaos: bool) -> None:
        """The traffic from begin to end, then until each record has its outcome.

        With `chaos` the scoring job's TaskManager is killed half-way through the last part.
        """
        self._begun = time.monotonic()
        started: Sequence[Probe | Gauges] = (self._gauges, *self._probes.values())
        for one in started:
            one.start()
        try:
            while traffic.step(self._warm):
                self._sample()
                if traffic.last:
                    self.full_rate_ms = self.full_rate_ms or _now_ms()
                    if chaos and not self._killed and traffic.share_done >= 0.5:
                        self._kill()
                self._look("traffic" if traffic.last else "warming up")
                time.sleep(STEP_S)
            self._settle()
        finally:
            traffic.stop()
            for one in started:
                one.stop()

    @property
    def chaos(self) -> Chaos | None:
        """What was killed, if anything was."""
        if self._killed is None:
            return None
        recovered = self._recovered_ms
        took = None if recovered is None else (recovered - self._killed.at_ms) / 1_000
        return Chaos(self._killed.name, self._killed.pid, took)

    def _warm(self) -> bool:
        """Whether each store shows what came so far; what it took is not counted.

        Or it takes too long for that, and shall show it as it is.
        """
        waits = any(probe.waits for probe in self._probes.values())
        if waits and time.monotonic() - self._begun < WARM_S:
            return False
        for probe in self._probes.values():
            probe.forget()
        return True

    def _settle(self) -> None:
        """Until all is read and nothing waits; or until nothing has moved for too long."""
        topic = self._settings.topics.transactions
        written = self._tail.written(topic)
        moved, last = time.monotonic(), None
        while time.monotonic() - moved < STUCK_S:
            counts = self._look("settling")
            if counts.events >= written and not counts.waiting and not self._tail.behind():
                return
            if counts != last:
                moved, last = time.monotonic(), counts
            time.sleep(STEP_S)

    def _sample(self) -> None:
        with self._tail:
            newest = self._tail.tally.newest
            self._tail.tally.newest = None
        if newest:
            for probe in self._probes.values():
                probe.sample(*newest)

    def _kill(self) -> None:
        killed = self._killed = kill_taskmanager(self._settings, self._home, self._jobs[SCORE])
        self._view.say(f"killed {killed.name} (pid {killed.pid}), on which the scoring job runs")

    def _look(self, phase: str) -> Counts:
        now = time.monotonic()
        with self._tail:
            tally = self._tail.tally
            counts = tally.counts()
            decisions = dict(tally.decisions)
            if self._killed and not self._recovered_ms:
                self._notice_recovery(self._killed, tally.last_score_ms)
            for probe in self._probes.values():
                probe.drop(tally.gone)
        rate = self._pace.look(now, counts.events)
        elapsed_s = now - self._begun
        self._view.show(moment(phase, elapsed_s, rate, counts, decisions, self._gauges))
        return counts

    def _notice_recovery(self, killed: Killed, last_score_ms: int) -> None:
        if last_score_ms > killed.at_ms + SETTLED_MS:
            self._recovered_ms = last_score_ms
            took = (last_score_ms - killed.at_ms) / 1_000
            self._view.say(f"scores again, {took:.1f} s after the kill")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
