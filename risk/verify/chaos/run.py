"""One fault after another; after each, all has to be well again; at the end, nothing is missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException

from risk.config.names import SCORE, ruleset_of
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.stack.flink_rest import FlinkUnavailable
from risk.verify.chaos import accounts, kinds
from risk.verify.chaos.faults.every import FAULTS
from risk.verify.chaos.plan import Action
from risk.verify.chaos.pulse import EVERY_S, Pulse
from risk.verify.chaos.report import Report, Row
from risk.verify.chaos.rows import stored
from risk.verify.chaos.testbed import Span, Testbed
from risk.waiting import until
from sinks import registry
from sinks.store import MigrationError, Payment, Tag

BACK_S: Final = 300.0  # for payments to be decided promptly again
WARM_S: Final = 60.0  # before the first fault
SLOWEST_S: Final = 16.0  # what is slower isn't prompt on any machine
MEANWHILE_S: Final = 10.0  # in which a payment has to be decided that no fault should hold up
LAST_S: Final = 60.0  # for the last payments of the pulse
KEPT_S: Final = 60.0  # for so long payments of the pulse are remembered
# What a fault, or what it needs, raises if something is not as it should be.
TROUBLE: Final = (
    *(UserError, StackError, FlinkUnavailable, Unavailable, MigrationError),
    *(KafkaException, OSError),
)

Show = Callable[[Row], object]


class Chaos:
    """A run where all jobs run. A payment is prompt if it is decided within `prompt_s`.

    `wait_s` is how long outputs may take to catch up at the end.
    """

    def __init__(
        self, testbed: Testbed, pulse: Pulse, report: Report, prompt_s: float, wait_s: float
    ) -> None:
        self._testbed, self._pulse, self._report = testbed, pulse, report
        self._prompt_s, self._wait_s = prompt_s, wait_s
        self._kinds = sorted(testbed.jobs())
        self._begun = time.monotonic()

    def run(self, actions: Sequence[Action], journal: Path, show: Show) -> Report:
        """Do all of them, and make up the accounts. `journal` has what the pulse was promised."""
        self._pulse.start()
        self._testbed.traffic.start()
        try:
            calm = self._calm()
            self._report.problems += calm
            for action in () if calm else actions:
                row = self._one(action)
                self._report.rows.append(row)
                show(row)
                if row.recovery_s is None:
                    break  # whatever came next would say nothing
            self._account(journal, calm)
        finally:
            self._testbed.traffic.kill()
            self._pulse.close()
        return self._report

    def _calm(self) -> list[str]:
        """Wait until payments are decided promptly, before anything is done.

        What is prompt is more on a machine that is too busy for it: that is told, and noted.
        """
        while self._recovered(time.monotonic(), WARM_S) is None:
            if 2 * self._prompt_s > SLOWEST_S:
                return [f"payments were not decided within {self._prompt_s:g} s before any fault"]
            self._prompt_s *= 2
            self._testbed.say(f"too busy: a payment counts as prompt within {self._prompt_s:g} s")
        self._report.prompt_s = self._prompt_s
        return []

    def _one(self, action: Action) -> Row:
        """A fault, and the way back."""
        kind = kinds.find(action.kind)
        self._testbed.hold(action.pause_s)
        begin = time.monotonic()
        self._pulse.beats.forget(begin - KEPT_S)
        row = Row(kind=action.kind, target=action.target, at_s=round(begin - self._begun, 1))
        try:
            span = FAULTS[action.kind](self._testbed, action)
        except TROUBLE as error:
            row.problems.append(_line(error))
            span = Span(begin, time.monotonic())
        row.lasted_s, row.note = round(span.end - span.begin, 2), span.note
        with ThreadPoolExecutor(max_workers=1) as pool:
            rows = pool.submit(
                stored,
                self._testbed.settings,
                self._tag,
                lambda: self._sent_after(span.end),
                span.end,
                BACK_S,
            )
            since = span.begin if kind.since == "begin" else span.end
            row.recovery_s = self._recovered(since)
            row.stored_s = rows.result()
        now = time.monotonic()
        row.longest_wait_s = round(self._pulse.beats.longest(span.begin, now), 2)
        self._judge(row, kind, span, now)
        return row

    def _judge(self, row: Row, kind: kinds.Kind, span: Span, now: float) -> None:
        if row.recovery_s is None:
            row.problems.append(f"payments were not decided promptly after {BACK_S:.0f} s")
        for name in registry.names():
            if name not in row.stored_s:
                row.problems.append(f"{name} had no payment {BACK_S:.0f} s after the fault")
        if kind.least_s:
            meanwhile = self._pulse.beats.sent(span.begin, span.end)
            waited = max((beat.waited(now) for beat in meanwhile), default=0.0)
            row.decided_meanwhile = bool(meanwhile) and all(
                beat.decided is not None
                and (beat.decided < span.end or beat.waited(now) <= self._prompt_s)
                for beat in meanwhile
            )
            if kind.scores and waited > MEANWHILE_S:
                row.problems.append(f"a payment waited {waited:.1f} s meanwhile for its decision")

    def _recovered(self, since: float, patience_s: float = BACK_S) -> float | None:
        """How long it took, once it has; None if it hasn't in time."""
        beats = self._pulse.beats

        def recovered() -> tuple[float] | None:
            took = beats.recovered(since, time.monotonic(), self._prompt_s)
            if took is None or not self._testbed.run(self._kinds):
                return None
            return (took,)

        found = until(recovered, patience_s)
        return None if found is None else round(found[0], 2)

    def _sent_after(self, moment: float) -> list[Payment]:
        """One payment of each partition, once they were sent."""
        now = time.monotonic()
        if now < moment + 2 * EVERY_S:
            return []
        return [beat.payment for beat in self._pulse.beats.sent(moment, moment + 2 * EVERY_S)]

    def _tag(self) -> Tag | None:
        """The ruleset that the scoring job runs."""
        job = self._testbed.jobs().get(SCORE)
        if job is None:
            return None
        name, version = ruleset_of(job.name)
        return name, int(version)

    def _account(self, journal: Path, before: list[str]) -> None:
        """Let all of it come to rest, and see what is there."""
        testbed, found = self._testbed, list(before)
        testbed.say("no more payments: outputs catch up, then all of it is computed again")
        try:
            testbed.traffic.stop()
        except UserError as error:
            found.append(_line(error))
        undecided = self._pulse.stop(LAST_S)
        journals = [*testbed.traffic.journals, journal]
        try:
            totals, wrong = accounts.settle(
                testbed.settings, testbed.home, journals, undecided, self._wait_s
            )
            self._report.totals = totals
            found += wrong
        except TROUBLE as error:
            found.append(_line(error))
        self._report.conclude(found)


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
