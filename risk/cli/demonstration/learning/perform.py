"""The demo that learns, from traffic that rules alone decide to a model that they ask.

Each step is what a command does: `risk model build-set`, `train`, `register`, and `risk promote`.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from risk.cli.demonstration.learning import rulesets
from risk.cli.demonstration.learning.course import (
    ATTACKS,
    HOLDOUT,
    KIND,
    LATE_S,
    LIVE_S,
    MATURE_MS,
    NEW,
    PERIOD_MS,
    SHADOW_S,
    Course,
)
from risk.cli.demonstration.learning.outcome import conclude, status_of
from risk.cli.demonstration.learning.stage import Stage
from risk.cli.demonstration.learning.summary import Learned, Learning, Step
from risk.cli.demonstration.traffic import WARM_UP_RATE, WARM_UP_S, Phase
from risk.cli.models.register import described
from risk.config.settings import Settings
from risk.ops.alone import alone
from risk.ops.models.sets.build import Request, build
from risk.ops.models.sets.terms import Terms
from risk.ops.models.sets.training_set import load
from risk.ops.promote import promote
from risk.ops.rulesets import Chosen, choose
from risk.registry import models
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
        self._stages: list[Stage] = []
        self._steps: list[Step] = []

    def run(self) -> Learned:
        """All of it. Raises `UserError`, `Unavailable` and `FlinkUnavailable`."""
        settings, course = self._settings, self._course
        version = rulesets.next_version(settings)
        rules = choose(settings, self._home, settings.scoring.ruleset)
        with ExitStack() as stack:
            stack.callback(self._stop)
            self._head("rules alone decide, while fraud begins that none of them knows")
            self._promote(rules)
            warm_up = Phase(min(WARM_UP_RATE, course.rate), WARM_UP_S, "none", course.seed + 1)
            seen = self._stage("learning", rules, course.seconds, course.seed, warm_up, LATE_S)

            self._head("a model learns from what scoring saw, and from the verdicts")
            folder = self._folder / f"{version}" / rulesets.NAME
            rulesets.write(folder, rules.files, version)
            learning, result = self._train(seen, folder)

            self._head("the model in the shadow: its score is told beside, and decides nothing")
            told = choose(settings, self._home, str(folder))
            self._promote(told)
            statuses = [status_of(settings, learning.sha256)]
            self._stage("in the shadow", told, SHADOW_S, course.seed + 2)

            self._head("the model decides, too: a rule asks it")
            asked = self._asking(told, version + 1, result.card.threshold)
            self._promote(asked)
            statuses.append(status_of(settings, learning.sha256))
            self._stage("with the model", asked, LIVE_S, course.seed + 3)

            self._head("every output of the three rulesets is compared with the oracle")
            found = conclude(settings, self._stages, learning, statuses, self._say)
        return Learned(
            ok=not found.disagreements,
            seed=course.seed,
            rate=course.rate,
            seconds=round(time.monotonic() - self._begun, 1),
            new=NEW,
            learning=learning,
            steps=self._steps,
            **found._asdict(),
        )

    def _head(self, text: str) -> None:
        taken = time.monotonic() - self._begun
        self._steps.append(Step(text, round(taken, 1)))
        self._say(f"\n{len(self._steps)}. {text} ({taken:.0f} s)")

    def _stage(
        self,
        name: str,
        chosen: Chosen,
        seconds: float,
        seed: int,
        before: Phase | None = None,
        late_s: float | None = None,
    ) -> Stage:
        stage = Stage(self._settings, self._home, name, chosen)
        self._stages.append(stage)
        phases = [Phase(self._course.rate, seconds, ATTACKS, seed)]
        stage.run([before, *phases] if before else phases, self._console, late_s)
        return stage

    def _promote(self, chosen: Chosen) -> None:
        with alone(self._settings, "promote") as lock:
            promote(self._settings, self._home, chosen, "promote", self._say, lock.check)

    def _train(self, seen: Stage, folder: Path) -> tuple[Learning, Result]:
        """Build the set and train, judge and register the model in the ruleset's folder."""
        settings, now = self._settings, time.time_ns() // 1_000_000
        out = folder.parent / "set.parquet"
        terms = Terms(seen.begin_ms, now, now, MATURE_MS)
        manifest = build(settings, self._home, Request(out, terms), self._say)
        counts = manifest.counts
        self._say(f"the set has {counts.rows:,} payments, {counts.fraud:,} of them fraud")
        plan = Plan(rulesets.NAME, KIND, holdout=HOLDOUT, period=PERIOD_MS)
        model = folder / rulesets.MODEL_FILE
        result = train_on(load(out), plan, model, seen.chosen.ruleset, self._say)
        write(result)
        noted = described(model, None, f"risk demo --learn, seed {self._course.seed}")
        models.register(settings, noted)
        card = result.card
        return Learning(
            sha256=noted.sha256,
            kind=card.kind,
            threshold=card.threshold,
            verdicts=seen.verdicts,
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

    def _stop(self) -> None:
        for stage in self._stages:
            stage.tail.stop()

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)
