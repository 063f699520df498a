"""Training on a set: what a model learns from, what it is judged on, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from risk.engine.models.format import ModelFile
from risk.errors import UserError
from risk.ops.models.sets.labels import Known
from risk.ops.models.sets.rows import Row
from risk.ops.models.sets.terms import Terms
from risk.ops.models.sets.training_set import TrainingSet
from risk.ops.models.train import Rows
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from risk.verify.quality.card import beside, read_card, write_card
from risk.verify.quality.holdout import split, trial
from risk.verify.quality.model_scores import read_model, scores
from risk.verify.quality.training import Plan, choose_inputs, train_on, write
from tests.unit.ops.models.sets import DAY, NOON, row
from tests.unit.verify.training_sets import TERMS, loaded, payments, trainer, versions

PLAN = Plan("card", "forest")


@pytest.fixture
def found(tmp_path: Path) -> TrainingSet:
    return loaded(tmp_path)


def test_a_model_learns_from_what_was_known_when_the_held_out_days_begin(
    found: TrainingSet,
) -> None:
    parts = split(found, 0.25)
    days = found.event_time // DAY
    assert parts.cut == (days.max() + 1 - round(0.25 * (days.max() - days.min() + 1))) * DAY
    assert parts.learnt.event_time.max() <= parts.cut - 7 * DAY
    assert parts.held_out.event_time.min() >= parts.cut
    total = len(parts.learnt.fraud) + len(parts.held_out.fraud) + parts.omitted
    assert total == len(found.fraud)
    assert parts.omitted > 0


def test_a_verdict_that_came_later_is_not_learnt_from(tmp_path: Path) -> None:
    rows = payments()
    late = [
        one._replace(known_at=TERMS.as_of) if one.verdict and at % 2 else one
        for at, one in enumerate(rows)
    ]
    plain, other = (split(loaded(tmp_path, one), 0.25) for one in (rows, late))
    assert 0 < other.learnt.fraud.sum() < plain.learnt.fraud.sum()
    assert other.held_out.fraud.sum() == plain.held_out.fraud.sum()


def test_training_gets_the_learnt_rows_and_the_card_tells_of_the_others(
    found: TrainingSet, tmp_path: Path
) -> None:
    given: list[Rows] = []

    def train(name: str, kind: str, rows: Rows, seed: int) -> ModelFile:
        given.append(rows)
        return trainer(name, kind, rows, seed)

    told: list[str] = []
    out = tmp_path / "models" / "card.json"
    result = train_on(found, PLAN, out, None, told.append, train, versions)
    parts = split(found, 0.25)
    trial_rows, rows = given
    assert len(trial_rows.fraud) < len(rows.fraud)
    names = [one.input.name for one in rows.columns]
    assert names == ["amount", "hour_utc", "user_count_5m", "merchant_mean", "new_device"]
    assert (rows.fraud == parts.learnt.fraud).all()
    assert (rows.values[:, 2] == parts.learnt.inputs["feature.user_count_5m"]).all()
    card = result.card
    assert card.set.sha256 == found.manifest.sha256
    assert card.set.scores == found.manifest.scores
    assert (card.learnt.blocked, card.held_out.blocked) == (0, 0)
    assert (card.learnt.payments, card.held_out.payments) == (
        len(parts.learnt.fraud),
        len(parts.held_out.fraud),
    )
    assert card.libraries == versions()
    assert card.inputs == names
    assert card.figures["auc_roc"].value == pytest.approx(
        result.evaluation.figures["auc_roc"].value
    )
    assert 0.7 < (card.figures["auc_roc"].value or 0) < 1
    assert len(told) == 4
    write(result)
    again = read_model(out)
    assert (scores(again, found) == scores(result.loaded, found)).all()
    assert read_card(again) == card


def test_a_verdict_that_was_taken_back_after_the_cut_is_learnt(tmp_path: Path) -> None:
    doubted = [
        one._replace(
            verdict="legitimate",
            known_at=TERMS.as_of,
            earlier=(Known("fraud", one.event_time + 2 * DAY),),
        )
        if one.verdict and one.event_time < NOON + 20 * DAY
        else one
        for one in payments()
    ]
    plain, changed = (split(loaded(tmp_path, one), 0.25).learnt for one in (payments(), doubted))
    assert (changed.fraud == plain.fraud).all()
    assert (changed.known_at == plain.known_at).all()


def test_the_threshold_is_chosen_on_days_that_the_trial_has_not_seen(found: TrainingSet) -> None:
    learnt = split(found, 0.25).learnt
    parts = trial(learnt, 0.25)
    assert parts is not None
    earlier, later = parts
    assert earlier.event_time.max() < later.event_time.min()
    assert earlier.event_time.max() <= later.event_time.min() // DAY * DAY - TERMS.mature
    assert earlier.fraud.any()
    assert later.fraud.any()


def test_of_few_frauds_all_choose_the_threshold(found: TrainingSet, tmp_path: Path) -> None:
    learnt = split(found, 0.25).learnt
    last = learnt.event_time // DAY == learnt.event_time.max() // DAY
    assert trial(learnt._replace(fraud=learnt.fraud * ~last), 0.01) is None


def test_all_of_it_follows_from_the_set_and_the_seed(found: TrainingSet, tmp_path: Path) -> None:
    def made(seed: int) -> tuple[str, str]:
        plan = PLAN._replace(seed=seed)
        result = train_on(found, plan, tmp_path / "card.json", trainer=trainer, versions=versions)
        return result.loaded.text, write_card(result.card)

    assert made(7) == made(7)
    assert made(8)[0] != made(7)[0]


def test_a_card_says_what_it_must(found: TrainingSet, tmp_path: Path) -> None:
    result = train_on(found, PLAN, tmp_path / "card.json", trainer=trainer, versions=versions)
    text = write_card(result.card)
    for part in (
        f"sha256: {found.manifest.sha256}",
        "lightgbm: 4.7.0",
        "seed: 7",
        "kind: forest",
        "**Blocked payments have no outcome.**",
        "| recall at 1 % FPR | 0.",
        "| held out | 2025-",
        "- `merchant_mean`",
        f"threshold: {result.card.threshold}\n",
    ):
        assert part in text


def test_a_card_counts_for_its_own_file_alone(found: TrainingSet, tmp_path: Path) -> None:
    out = tmp_path / "card.json"
    result = train_on(found, PLAN, out, trainer=trainer, versions=versions)
    write(result)
    out.write_text(out.read_text().replace('"about": "forest"', '"about": "another"'))
    assert read_card(read_model(out)) is None
    beside(out).write_text("my own notes\n")
    assert read_card(read_model(out)) is None
    beside(out).write_text("---\nmodel: 3\n---\n")
    with pytest.raises(UserError, match=r"card.md: its head is no model card's"):
        read_card(read_model(out))
    beside(out).unlink()
    assert read_card(read_model(out)) is None


def test_a_ruleset_passes_over_a_card(tmp_path: Path, found: TrainingSet) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    for path in (RULES / "default").glob("*.yaml"):
        text = path.read_text()
        (folder / path.name).write_text(text.replace("name: default", "name: shop"))
    (folder / "lists").mkdir()
    for path in (RULES / "default" / "lists").iterdir():
        (folder / "lists" / path.name).write_text(path.read_text())
    plan = PLAN._replace(inputs=("user_count_5m",))
    out = folder / "models" / "card.json"
    write(train_on(found, plan, out, trainer=trainer, versions=versions))
    assert set(read_folder(folder).models) == {"card"}


def test_a_model_looks_at_what_the_ruleset_has(found: TrainingSet) -> None:
    ruleset = read_folder(RULES / "default")
    told: list[str] = []
    chosen = choose_inputs(found, (), ruleset, told.append)
    assert [one.stored for one in chosen] == ["amount", "hour_utc", "feature.user_count_5m"]
    assert told == ["left out, for default doesn't have them: merchant_mean, new_device"]
    with pytest.raises(UserError, match="--inputs merchant_mean: default has no such feature"):
        choose_inputs(found, ("merchant_mean",), ruleset, told.append)
    with pytest.raises(UserError, match=r"--inputs user_count_5: .* did you mean user_count_5m"):
        choose_inputs(found, ("user_count_5",), None, told.append)
    empty = found._replace(manifest=msgspec.structs.replace(found.manifest, inputs=()))
    with pytest.raises(UserError, match="0 inputs: a model has from 1 to 128"):
        choose_inputs(empty, (), None, told.append)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda one: one._replace(verdict=None, known_at=None), "0 of .* learnt from are fraud"),
        (
            lambda one: one._replace(verdict="fraud", known_at=one.event_time),
            "(.*) of \\1 payments that are learnt from are fraud",
        ),
        (
            lambda one: (
                one._replace(verdict=None, known_at=None)
                if one.event_time > NOON + 25 * DAY
                else one
            ),
            "0 of .* payments that are held out are fraud .* take another --holdout",
        ),
    ],
)
def test_one_class_alone_is_nothing_to_learn(
    tmp_path: Path, change: Callable[[Row], Row], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        split(loaded(tmp_path, [change(one) for one in payments()]), 0.25)


def test_verdicts_that_were_all_sent_afterwards_are_told_of(tmp_path: Path) -> None:
    rows = [one._replace(known_at=TERMS.as_of) if one.verdict else one for one in payments()]
    with pytest.raises(UserError, match=r"are fraud, but no verdict stood .*--source import"):
        split(loaded(tmp_path, rows), 0.25)


def test_a_short_set_has_nothing_that_matured(tmp_path: Path) -> None:
    rows = [row(n, NOON + n * DAY, verdict="fraud", known_at=NOON + n * DAY) for n in range(6)]
    with pytest.raises(UserError, match=r"it has 6 days; .* shorter --mature"):
        split(loaded(tmp_path, rows), 0.25)


def test_what_is_no_model_is_told(tmp_path: Path, found: TrainingSet) -> None:
    out = tmp_path / "card.json"
    with pytest.raises(UserError, match=r"card.json: no such file"):
        read_model(out)
    out.write_bytes(b"\xff")
    with pytest.raises(UserError, match="not UTF-8"):
        read_model(out)
    write(train_on(found, PLAN, out, trainer=trainer, versions=versions))
    text = out.read_text()
    out.write_text(text[:200])
    with pytest.raises(UserError, match=r"card.json: not JSON: .*`risk model train` writes it"):
        read_model(out)
    out.write_text(text.replace('"d' + "d" * 63, '"e' + "d" * 63))
    with pytest.raises(UserError, match=r"looks at merchant_mean of digest edd.* doesn't have"):
        scores(read_model(out), found)
    out.write_text(text.replace("user_count_5m", "user_count_7m"))
    with pytest.raises(UserError, match=r"card.json: it looks at user_count_7m, which .*set.parq"):
        scores(read_model(out), found)


def test_scores_are_those_that_the_engine_would_give(found: TrainingSet, tmp_path: Path) -> None:
    result = train_on(found, PLAN, tmp_path / "card.json", trainer=trainer, versions=versions)
    counts = found.inputs["feature.user_count_5m"]
    above = sum((counts > threshold).astype(int) for threshold in (1, 2, 3, 4, 5, 6, 7, 9))
    wanted = np.minimum(np.rint(above * 125), 1_000)
    assert np.abs(scores(result.loaded, found) - wanted).max() <= 1


def test_a_set_of_minutes_is_held_out_by_shorter_periods(tmp_path: Path) -> None:
    minute = 60_000
    rows = [
        one._replace(
            event_time=NOON + n * minute // 50,
            known_at=one.known_at and NOON + n * minute // 50 + minute,
        )
        for n, one in enumerate(payments())
    ]
    terms = Terms(begin=NOON, to=NOON + 40 * minute, as_of=NOON + 60 * minute, mature=2 * minute)
    found = loaded(tmp_path, rows, terms)
    with pytest.raises(UserError, match=r"it has 1 days; .* or take a shorter --period"):
        split(found, 0.25)
    with pytest.raises(UserError, match=r"it has 2 periods of 1800 s; "):
        split(found, 0.9, 30 * minute)
    parts = split(found, 0.25, minute)
    assert parts.cut == NOON + 30 * minute
    assert parts.learnt.event_time[-1] <= parts.cut - terms.mature
    assert parts.held_out.event_time[0] >= parts.cut
    assert len(parts.learnt.fraud) + parts.omitted + len(parts.held_out.fraud) == len(rows)
    assert trial(parts.learnt, 0.25, minute) is not None
