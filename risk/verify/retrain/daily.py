"""The steps of a day: a set, candidates, the gate, the registry, and the shadow.

Each takes up what those before it noted, so a day that was cut off goes on where it stopped, and
one that is done is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args

import msgspec

from risk.config.settings import Settings
from risk.engine.features.catalogue import DAY
from risk.ops.models.sets import build as sets
from risk.ops.models.sets.manifest import Manifest
from risk.ops.models.sets.terms import Terms
from risk.ops.models.sets.training_set import TrainingSet, load
from risk.registry import models
from risk.stack.process import Home
from risk.verify.quality import training
from risk.verify.quality.card import digest, read_card
from risk.verify.quality.contest import Contest
from risk.verify.quality.model_scores import Loaded, read_model
from risk.verify.retrain import folder, proposal, rivals
from risk.verify.retrain.gate import Measured, Ruling, judge
from risk.verify.retrain.journal import Journal
from risk.verify.retrain.plan import Plan

StepName = Literal["build-set", "train", "gate", "register", "shadow"]
STEPS: Final[tuple[StepName, ...]] = get_args(StepName)
SET: Final = "set.parquet"
Say = Callable[[str], None]


class Candidate(msgspec.Struct, frozen=True):
    """A model that was trained: its file in the day's folder, and how well it ranked the trial."""

    kind: str
    path: str
    sha256: str
    trial: float | None
    figures: dict[str, float | None]


class Trained(msgspec.Struct, frozen=True):
    """All candidates, and the path of the one that is judged."""

    candidates: list[Candidate]
    chosen: str


class Judged(msgspec.Struct, frozen=True):
    """What the gate went by, and how it ruled."""

    measured: Measured
    ruling: Ruling
    contest: Any


class Shadowed(msgspec.Struct, frozen=True):
    """The version of the ruleset that has the candidate, and the files that changed.

    `heirs` are the rulesets that extend it: their versions have to be raised, too.
    """

    ruleset: str
    files: list[str]
    heirs: list[str]


class Tools(NamedTuple):
    """What speaks to the outside: tests give what needs no server and no library."""

    build: Callable[[Settings, Home, sets.Request, Say], Manifest] = sets.build
    train_on: Callable[..., training.Result] = training.train_on
    register: Callable[[Settings, models.Model], None] = models.register


class Daily:
    """One day's retraining; `day` is its beginning in ms UTC, and what is known then is known."""

    def __init__(
        self,
        settings: Settings,
        home: Home,
        plan: Plan,
        day: int,
        place: Path,
        say: Say,
        tools: Tools = Tools(),  # noqa: B008
    ) -> None:
        self._settings, self._home, self._plan = settings, home, plan
        self._day, self._say, self._tools = day, say, tools
        self.place = place
        self.journal = Journal(place, plan)

    @property
    def terms(self) -> Terms:
        """The payments of the set: those to learn from had matured when the test days began."""
        days = self._plan.days
        end = self._day - days.delay * DAY
        begin = end - (days.test + days.delay + days.learn) * DAY
        return Terms(begin=begin, to=end, as_of=self._day, mature=days.delay * DAY)

    @property
    def cut(self) -> int:
        """When the test days begin, in ms UTC."""
        return self._day - (self._plan.days.delay + self._plan.days.test) * DAY

    def run(self, until: StepName = "shadow") -> Ruling | None:
        """Do the steps up to that one, without those that are done. Raises `UserError`.

        What the gate said; None before it. Behind the gate nothing is done for what failed.
        """
        ruling: Ruling | None = None
        for name in STEPS[: STEPS.index(until) + 1]:
            if ruling is not None and not ruling.passed:
                self._say(f"{name}: left out, the gate is not passed")
                continue
            done = self.journal.has(name)
            self._say(f"{name}: {'done before' if done else 'begins'}")
            if name == "build-set":
                self._built()
            elif name == "train":
                self._trained()
            elif name == "gate":
                ruling = self.judged().ruling
            elif name == "register":
                self._registered()
            else:
                self._shadowed()
        return ruling

    def judged(self) -> Judged:
        """What the gate said, asked now if it wasn't before."""
        return self.journal.do("gate", Judged, self._judge)

    def shadowed(self) -> Shadowed:
        """Where the candidate went."""
        return self._shadowed()

    def _built(self) -> Manifest:
        def work() -> tuple[Manifest, list[str]]:
            out = self.place / SET
            request = sets.Request(out, self.terms, "", self._plan.ruleset, True)
            manifest = self._tools.build(self._settings, self._home, request, self._say)
            return manifest, [SET, "set.json"]

        return self.journal.do("build-set", Manifest, work)

    def _trained(self) -> Trained:
        return self.journal.do("train", Trained, self._train)

    def _train(self) -> tuple[Trained, list[str]]:
        found, name = self._set(), self._name()
        ruleset = folder.read(self._plan.ruleset).ruleset
        candidates, files = [], []
        for kind in self._plan.kinds:
            path = f"{kind}/{name}.json"
            (self.place / kind).mkdir(exist_ok=True)
            plan = training.Plan(name, kind, self._plan.seed, cut=self.cut)
            result = self._tools.train_on(found, plan, self.place / path, ruleset, self._say)
            training.write(result)
            figures = {label: one.value for label, one in result.evaluation.figures.items()}
            sha256 = digest(result.loaded.text)
            candidates.append(Candidate(kind, path, sha256, result.trial, figures))
            files += [path, path.removesuffix(".json") + ".md"]
        best = max(candidates, key=lambda one: -1.0 if one.trial is None else one.trial)
        return Trained(candidates, best.path), files

    def _judge(self) -> tuple[Judged, list[str]]:
        here = folder.read(self._plan.ruleset)
        chosen = self._chosen()
        champion = here.model(self._plan.model)
        card = read_card(champion) if champion else None
        found = self._set()
        held = found.where(found.event_time >= self.cut)
        against = rivals.obstacles(
            chosen, champion, card, self.cut, proposal.busy(here.ruleset, self._plan)
        )
        measured, contest = rivals.measure(
            held,
            rivals.of_model(held, chosen, read_card(chosen)),
            rivals.of_model(held, champion, card)
            if champion
            else rivals.rules_alone(held, here.ruleset),
            self._plan.gate,
            self._plan.seed,
            against,
        )
        ruling = judge(measured, self._plan.gate)
        return Judged(measured, ruling, _plain(contest)), []

    def _registered(self) -> str:
        def work() -> tuple[str, list[str]]:
            chosen = self._chosen()
            card = read_card(chosen)
            sha256 = digest(chosen.text)
            model = models.Model(
                sha256=sha256,
                name=chosen.file.name,
                kind=chosen.file.kind,
                set_sha256=card.set.sha256 if card else "",
                card=msgspec.json.decode(msgspec.json.encode(card)) if card else {},
                note=f"retrained for {self.place.name}, passed the gate",
            )
            self._tools.register(self._settings, model)
            return sha256, []

        return self.journal.do("register", str, work)

    def _shadowed(self) -> Shadowed:
        def plan() -> tuple[folder.Proposal, list[str]]:
            here, chosen = folder.read(self._plan.ruleset), self._chosen()
            card = chosen.path.with_suffix(".md").read_text(encoding="utf-8")
            one = proposal.Candidate(chosen.file.name, chosen.text, card)
            return folder.propose(
                here, proposal.changes(here.own, here.ruleset, self._plan, one)
            ), []

        # First what is to be written, then the writing: whatever is cut off is written again.
        wanted = self.journal.do("propose", folder.Proposal, plan)

        def work() -> tuple[Shadowed, list[str]]:
            folder.write(self._plan.ruleset, wanted)
            heirs = folder.heirs(self._plan.ruleset)
            return Shadowed(wanted.ruleset, sorted(wanted.files), heirs), []

        return self.journal.do("shadow", Shadowed, work)

    def _set(self) -> TrainingSet:
        self._built()
        return load(self.place / SET)

    def _chosen(self) -> Loaded:
        return read_model(self.place / self._trained().chosen)

    def _name(self) -> str:
        """What the candidate is called: as rules ask where there is no champion to challenge."""
        if folder.read(self._plan.ruleset).model(self._plan.model) is None:
            return self._plan.model
        return f"{self._plan.model}_{self.place.name.replace('-', '')}"


def _plain(contest: Contest) -> Any:
    """The contest as JSON has it: what is no number is null."""
    return msgspec.json.decode(msgspec.json.encode(contest))
