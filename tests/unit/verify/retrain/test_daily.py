"""A day's retraining: what it does, does once, and takes up again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from risk.config.settings import Settings
from risk.engine.models.format import ModelFile
from risk.engine.models.rollout import Rollout
from risk.engine.rules import Ruleset
from risk.errors import UserError
from risk.ops.models.sets.build import Request
from risk.ops.models.sets.manifest import Manifest
from risk.ops.models.sets.manifest import read as read_manifest
from risk.ops.models.sets.rows import Row
from risk.ops.models.sets.training_set import TrainingSet
from risk.ops.models.train import Rows
from risk.registry.models import Model
from risk.stack.process import Home
from risk.verify.quality import training
from risk.verify.retrain import folder
from risk.verify.retrain.daily import STEPS, Daily, Say, Tools
from risk.verify.retrain.gate import Limits
from risk.verify.retrain.plan import Days, Plan
from tests.unit.ops.models.sets import DAY, NOON, written
from tests.unit.verify.training_sets import payments, trainer, versions

TODAY = (NOON // DAY + 41) * DAY
HEAD = """\
name: shop
version: 4  # raised by hand
description: A trial.
thresholds: {review: 50, block: 80}
"""
RULE = """\
id: large
version: 1
description: Ten or more.
points: 60
when: amount >= 10
reason: "{amount}"
tests:
  - {name: ten, hit: true, given: {amount: 10}}
  - {name: nine, hit: false, given: {amount: 9}}
"""
ASKING = RULE.replace("amount >= 10", 'amount >= 10 and model("card") > 500').replace(
    "{amount: 10}", '{amount: 10, model("card"): 501}'
)
LIMITS = Limits(f1_above=0.2, frauds=5, group_frauds=20, group_worse=0.5, resamples=40)


def plan(shop: Path, **changes: object) -> Plan:
    one = Plan(str(shop), "card", ("forest",), Days(20, 7, 7), LIMITS, "build/retrain")
    return msgspec.structs.replace(one, **changes)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A ruleset's folder, whose rules ask no model."""
    made = tmp_path / "rules" / "shop"
    made.mkdir(parents=True)
    (made / "ruleset.yaml").write_text(HEAD)
    (made / "large.yaml").write_text(RULE)
    return made


class Outside:
    """In place of topics, libraries and Postgres: what was asked of them, in order."""

    def __init__(self, trained: training.Trainer = trainer) -> None:
        self.trainer = trained
        self.asked: list[str] = []
        self.registered: list[Model] = []
        self.fails = ""

    def tools(self) -> Tools:
        return Tools(self.build, self.train_on, self.register)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if what == self.fails:
            raise UserError("cut off")

    def build(self, settings: Settings, home: Home, request: Request, say: Say) -> Manifest:
        self._ask("build")
        begin, to = request.terms.begin, request.terms.to
        rows = [one for one in payments() if begin <= one.event_time < to]
        return read_manifest(written(request.out, [judged(one) for one in rows], request.terms))

    def train_on(
        self, found: TrainingSet, own: training.Plan, out: Path, ruleset: Ruleset, say: Say
    ) -> training.Result:
        self._ask("train")
        return training.train_on(found, own, out, ruleset, say, self.trainer, versions)

    def register(self, settings: Settings, model: Model) -> None:
        self._ask("register")
        self.registered.append(model)


def judged(one: Row) -> Row:
    """The rules know nothing: they say the same of every payment."""
    return one._replace(score=10)


def daily(shop: Path, outside: Outside, **changes: object) -> Daily:
    place = shop.parents[1] / "2025-04-11"
    own = plan(shop, **changes)
    return Daily(
        Settings(), Home(shop.parents[1]), own, TODAY, place, lambda _: None, outside.tools()
    )


def with_champion(shop: Path) -> None:
    """Rules ask a model that knows nothing, too."""
    inputs = [{"field": "amount"}]
    file = {
        "format": 1,
        "name": "card",
        "kind": "forest",
        "inputs": inputs,
        "trees": [[[0, 3, 1, 2, 0], [0], [1]]],
        "calibration": {"margins": [1], "scores": [10, 11]},
    }
    (shop / "models").mkdir()
    (shop / "models" / "card.json").write_text(json.dumps(file))
    (shop / "large.yaml").write_text(ASKING)


def test_the_set_is_of_matured_days_and_of_what_was_known_when_the_day_began(shop: Path) -> None:
    one = daily(shop, Outside())
    assert one.terms.as_of == TODAY
    assert one.terms.to == TODAY - 7 * DAY
    assert one.cut == one.terms.to - 7 * DAY
    assert one.terms.begin == one.cut - 27 * DAY


def test_without_a_champion_the_rival_is_the_rules_and_the_model_is_told_beside(
    shop: Path,
) -> None:
    outside = Outside()
    one = daily(shop, outside)
    ruling = one.run()
    assert ruling is not None
    assert (ruling.passed, ruling.reasons) == (True, ())
    assert one.judged().measured.champion == "the rules alone"
    found = folder.read(str(shop)).ruleset
    assert found.version == 5
    assert found.asked == ("card",)  # told, though no rule asks
    assert "raised by hand" in (shop / "ruleset.yaml").read_text()
    (model,) = outside.registered
    assert model.sha256 == found.models["card"].digest
    assert model.note == "retrained for 2025-04-11, passed the gate"
    assert (shop / "models" / "card.md").is_file()


def test_a_second_run_does_nothing(shop: Path) -> None:
    outside = Outside()
    daily(shop, outside).run()
    before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    again = daily(shop, outside)
    ruling = again.run()
    assert ruling is not None
    assert ruling.passed
    assert outside.asked == ["build", "train", "register"]
    assert before == {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}


@pytest.mark.parametrize("step", ["build", "train", "register"])
def test_a_day_that_was_cut_off_goes_on_where_it_stopped(shop: Path, step: str) -> None:
    outside = Outside()
    outside.fails = step
    with pytest.raises(UserError, match="cut off"):
        daily(shop, outside).run()
    assert folder.read(str(shop)).ruleset.version == 4
    outside.fails = ""
    daily(shop, outside).run()
    order = ["build", "train", "register"]
    assert outside.asked == [one for one in order for _ in range(1 + (one == step))]
    assert folder.read(str(shop)).ruleset.version == 5


def test_steps_can_be_run_one_by_one(shop: Path) -> None:
    outside = Outside()
    for name in STEPS:
        daily(shop, outside).run(name)
    assert outside.asked == ["build", "train", "register"]
    assert folder.read(str(shop)).ruleset.version == 5


def test_what_fails_says_why_and_goes_nowhere(shop: Path) -> None:
    outside = Outside()
    strict = msgspec.structs.replace(LIMITS, f1_above=0.99, frauds=10_000)
    one = daily(shop, outside, gate=strict)
    ruling = one.run()
    assert ruling is not None
    assert not ruling.passed
    first, second = ruling.reasons
    assert first.startswith("too few frauds to judge by: ")
    assert second.startswith("F1 is 0.")
    assert not outside.registered
    assert folder.read(str(shop)).ruleset.version == 4


def test_a_candidate_challenges_the_champion_in_the_shadow(shop: Path) -> None:
    with_champion(shop)
    one = daily(shop, Outside())
    ruling = one.run()
    assert ruling is not None
    assert (ruling.passed, ruling.reasons) == (True, ())
    found = folder.read(str(shop)).ruleset
    assert found.rollouts == {"card": Rollout("card_20250411", 0, "", shadow=True)}
    assert found.asked == ("card", "card_20250411")


def test_it_gets_traffic_only_if_the_plan_says_so(shop: Path) -> None:
    with_champion(shop)
    daily(shop, Outside(), share=5, salt="2026-12").run()
    found = folder.read(str(shop)).ruleset
    assert found.rollouts["card"] == Rollout("card_20250411", 5, "2026-12", shadow=True)


def test_the_next_day_s_candidate_takes_the_place_of_the_last(shop: Path) -> None:
    with_champion(shop)
    daily(shop, Outside()).run()
    for end in (".json", ".md"):
        path = shop / "models" / f"card_20250411{end}"
        path.rename(path.with_name(f"card_20250410{end}"))
    path = shop / "models" / "card_20250410.json"
    path.write_text(path.read_text().replace("card_20250411", "card_20250410"))
    rollout = shop / "models" / "rollout.yaml"
    rollout.write_text("# Ours.\n" + rollout.read_text().replace("20250411", "20250410"))
    shutil.rmtree(shop.parents[1] / "2025-04-11")
    daily(shop, Outside()).run()
    assert sorted(path.name for path in (shop / "models").iterdir()) == [
        "card.json",
        "card_20250411.json",
        "card_20250411.md",
        "rollout.yaml",
    ]
    assert rollout.read_text().startswith("# Ours.\ncard: ")
    assert folder.read(str(shop)).ruleset.version == 6


def test_a_challenger_that_somebody_put_there_stays(shop: Path) -> None:
    with_champion(shop)
    other = json.loads((shop / "models" / "card.json").read_text()) | {"name": "card_next"}
    (shop / "models" / "card_next.json").write_text(json.dumps(other))
    (shop / "models" / "rollout.yaml").write_text("card: {challenger: card_next, share: 0}\n")
    ruling = daily(shop, Outside()).run()
    assert ruling is not None
    (reason,) = ruling.reasons
    assert reason.startswith("card_next challenges card already")


def test_an_inferior_candidate_is_told_by_figure_and_not_registered(shop: Path) -> None:
    with_champion(shop)
    outside = Outside()
    daily(shop, outside).run("train")
    trained = shop.parents[1] / "2025-04-11" / "forest" / "card_20250411.json"
    text = trained.read_text().replace("card_20250411", "card")
    (shop / "models" / "card.json").write_text(text)  # the champion has become as good
    ruling = daily(shop, outside).run()
    assert ruling is not None
    assert ruling.reasons == ("no better than card: every difference may be chance",)
    assert not outside.registered


def test_files_that_were_changed_in_between_are_refused(shop: Path) -> None:
    outside = Outside()
    one = daily(shop, outside)
    one.run("train")
    model = one.place / "forest" / "card.json"
    model.write_text(model.read_text() + " ")
    with pytest.raises(UserError, match=r"card\.json: it isn't what the step train wrote"):
        daily(shop, outside).run()


def test_a_day_that_was_begun_by_another_plan_is_refused(shop: Path) -> None:
    daily(shop, Outside()).run("build-set")
    with pytest.raises(UserError, match="the day was begun by other settings"):
        daily(shop, Outside(), seed=8)


def test_a_half_written_folder_is_written_to_its_end(shop: Path) -> None:
    with_champion(shop)
    outside = Outside()
    one = daily(shop, outside)
    one.run()
    done = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    steps = json.loads((one.place / "steps.json").read_text())
    del steps["done"]["shadow"]  # as if it had died before it was noted
    (one.place / "steps.json").write_text(json.dumps(steps))
    (shop / "models" / "rollout.yaml").unlink()
    (shop / "ruleset.yaml").write_text(HEAD)
    daily(shop, outside).run()
    assert done == {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}


def test_a_folder_that_somebody_changed_meanwhile_is_left_alone(shop: Path) -> None:
    outside = Outside()
    one = daily(shop, outside)
    one.run()
    steps = json.loads((one.place / "steps.json").read_text())
    del steps["done"]["shadow"]
    (one.place / "steps.json").write_text(json.dumps(steps))
    (shop / "large.yaml").write_text(RULE.replace("60", "70"))
    with pytest.raises(UserError, match="it was changed since shop:5 was proposed"):
        daily(shop, outside).run()


def test_rulesets_that_extend_it_are_named(shop: Path) -> None:
    child = shop.parent / "child"
    child.mkdir()
    (child / "ruleset.yaml").write_text("name: child\nversion: 1\nextends: shop\ndescription: d\n")
    one = daily(shop, Outside())
    one.run()
    assert one.shadowed().heirs == ["child"]


def test_of_several_kinds_the_best_on_the_trial_is_judged(shop: Path) -> None:
    def weak(name: str, kind: str, rows: Rows, seed: int) -> ModelFile:
        found = trainer(name, kind, rows, seed)
        return found if kind == "forest" else msgspec.structs.replace(found, trees=found.trees[:1])

    one = daily(shop, Outside(weak), kinds=("extra_trees", "forest"))
    one.run("train")
    steps = json.loads((one.place / "steps.json").read_text())
    trained = steps["done"]["train"]["result"]
    assert trained["chosen"] == "forest/card.json"
    assert len(trained["candidates"]) == 2
