"""The demo that learns, from traffic that rules alone decide to a model that they ask.

Payments keep coming all the time, also while a model learns and while one job takes over from
another; of each the log says whose it was to decide. Each step is what a command does:
`risk model build-set`, `train`, `register`, `risk promote` and `risk verify`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console

from risk.cli.demonstration.learning import rulesets
from risk.cli.demonstration.learning.course import (
    HOLDOUT,
    KIND,
    LATE_S,
    LIVE_S,
    MATURE_MS,
    NEW,
    PERIOD_MS,
    SHADOW_S,
    THREADS,
    Course,
)
from risk.cli.demonstration.learning.flow import Flow
from risk.cli.demonstration.learning.outcome import conclude, status_of
from risk.cli.demonstration.learning.stage import Stage
from risk.cli.demonstration.learning.summary import Learned, Learning, Step
from risk.cli.demonstration.learning.verdicts import Verdicts
from risk.cli.models.register import described
from risk.config.settings import Settings
from risk.ops.alone import alone
from risk.ops.models.sets.build import Request, build
from risk.ops.models.sets.terms import Terms
from risk.ops.models.sets.training_set import load
from risk.ops.models.train import train
from risk.ops.promote import promote
from risk.ops.rulesets import Chosen, choose
from risk.registry import activations, models
from risk.stack.process import Home
from risk.verify.quality.training import Plan, Result, train_on, write


class Lesson:
    """The course on a running stack. `begun` is `time.monotonic()` at the command's start."""

    def __init__(
        self, settings: Settings, home: Home, course: Course, console: Console, begun: float
    ) -> None:
        self._settings, self._home, self._course = settings, home, course
        self._console, self._begun = console, begun
        self._folder = home.folder("learned")
        self._flow = Flow(settings, home, course, console)
        self._stages: list[Stage] = []
        self._verdicts: list[Verdicts] = []
        self._steps: list[Step] = []

    def begin(self) -> None:
        """The scoring job runs: the course begins, if that decides by the rules alone."""
        rules = self._rules()
        if activations.active(self._settings) == rules.key:
            self._learn(rules)

    def run(self) -> Learned:
        """All of it, once all jobs run. Raises `UserError`, `Unavailable`, `FlinkUnavailable`."""
        settings, course = self._settings, self._course
        version = rulesets.next_version(settings)
        if not self._stages:
            rules = self._rules()
            self._promote(rules)
            self._learn(rules)
        self._flow.look_at_jobs()
        (seen,) = self._stages
        self._flow.wait()
        verdicts = sum(one.end() for one in self._verdicts)

        self._head("a model learns from what scoring saw, and from the verdicts")
        folder = self._folder / f"{version}" / rulesets.NAME
        rulesets.write(folder, seen.chosen.files, version)
        learning, result = self._train(seen, verdicts, folder)

        self._head("the model in the shadow: its score is told beside, and decides nothing")
        told = choose(settings, self._home, str(folder))
        self._promote(told, lambda: self._enter("in the shadow", told, SHADOW_S))
        statuses = [status_of(settings, learning.sha256)]
        self._flow.wait()

        self._head("the model decides, too: a rule asks it")
        asked = self._asking(told, version + 1, result.card.threshold)
        self._promote(asked, lambda: self._enter("with the model", asked, LIVE_S, last=True))
        statuses.append(status_of(settings, learning.sha256))
        self._flow.wait()

        self._head("every output of the three rulesets is compared with the oracle")
        sent = self._flow.end()
        self._stages[-1].tail.end()
        found = conclude(settings, self._stages, sent, learning, statuses, self._say)
        return Learned(
            ok=not found.disagreements,
            seed=course.seed,
            rate=course.rate,
            seconds=round(time.monotonic() - self._begun, 1),
            new=NEW,
            sent=sent,
            learning=learning,
            steps=self._steps,
            **found._asdict(),
        )

    def close(self) -> None:
        """End what runs of it."""
        for one in (self._flow, *self._verdicts):
            one.stop()
        for stage in self._stages:
            stage.tail.stop()

    def _rules(self) -> Chosen:
        return choose(self._settings, self._home, self._settings.scoring.ruleset)

    def _learn(self, rules: Chosen) -> None:
        self._head("rules alone decide, while fraud begins that none of them knows")
        stage = self._enter("learning", rules, self._course.seconds)
        self._verdicts.append(Verdicts(self._settings, stage.tail, LATE_S))
        for one in (self._flow, *self._verdicts):
            one.start()

    def _head(self, text: str) -> None:
        taken = time.monotonic() - self._begun
        self._steps.append(Step(text, round(taken, 1)))
        self._say(f"\n{len(self._steps)}. {text} ({taken:.0f} s)")

    def _enter(self, name: str, chosen: Chosen, seconds: float, last: bool = False) -> Stage:
        """The stage that begins now, or has begun when the ruleset took over."""
        after = self._stages[-1] if self._stages else None
        stage = Stage(self._settings, name, chosen, after)
        self._stages.append(stage)
        self._flow.enter(stage, seconds, last)
        return stage

    def _promote(self, chosen: Chosen, active: Callable[[], object] = lambda: None) -> None:
        """Let a ruleset take over while payments come; `active` is told when it decides."""
        with alone(self._settings, "promote") as lock:
            check, say = lock.check, self._say
            promote(self._settings, self._home, chosen, "promote", say, check, active=active)
        self._flow.look_at_jobs()

    def _train(self, seen: Stage, verdicts: int, folder: Path) -> tuple[Learning, Result]:
        """Build the set and train, judge and register the model in the ruleset's folder."""
        settings, now = self._settings, time.time_ns() // 1_000_000
        out = folder.parent / "set.parquet"
        terms = Terms(seen.begin_ms, now, now, MATURE_MS)
        manifest = build(settings, self._home, Request(out, terms), self._say)
        counts = manifest.counts
        self._say(f"the set has {counts.rows:,} payments, {counts.fraud:,} of them fraud")
        plan = Plan(rulesets.NAME, KIND, holdout=HOLDOUT, period=PERIOD_MS)
        model = folder / rulesets.MODEL_FILE
        found, rules = load(out), seen.chosen.ruleset
        result = train_on(found, plan, model, rules, self._say, partial(train, threads=THREADS))
        write(result)
        noted = described(model, None, f"risk demo --learn, seed {self._course.seed}")
        models.register(settings, noted)
        card = result.card
        return Learning(
            sha256=noted.sha256,
            kind=card.kind,
            threshold=card.threshold,
            verdicts=verdicts,
            late_s=LATE_S,
            payments=card.learnt.payments,
            frauds=card.learnt.frauds,
            held_out=card.held_out.payments,
            figures=card.figures,
        ), result

    def _asking(self, told: Chosen, version: int, threshold: int) -> Chosen:
        """The next version, with a rule that asks the model."""
        folder = self._folder / f"{version}" / rulesets.NAME
        rule = rulesets.asking(told.ruleset, threshold)
        rulesets.write(folder, told.files, version, rule)
        return choose(self._settings, self._home, str(folder))

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)
