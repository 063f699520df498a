"""Models on labelled payments, with stand-ins for training: what they get, what is judged."""

from __future__ import annotations

import numpy as np
import pytest

from risk.config.settings import Scoring
from risk.engine.models.format import ModelFile
from risk.engine.rules import Ruleset
from risk.errors import UserError
from risk.ops.models.build import model_file
from risk.ops.models.calibration import probability
from risk.ops.models.train import Rows
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from risk.verify.quality.labelled import Columns, Days, judge, run
from risk.verify.quality.protocol import Protocol
from risk.verify.quality.trained import judge_models
from tests.unit.verify.test_labelled import payments

INPUTS = ("terminal_frauds_7d", "user_mean_7d", "amount")
PROTOCOL = Protocol(train=7, delay=7, test=7, starts=(3, 12))
HALF = 1 << 31


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return read_folder(ROOT / "docs" / "examples" / "handbook")


@pytest.fixture(scope="module")
def columns(ruleset: Ruleset) -> Columns:
    found = Columns([ruleset], INPUTS)
    run(found, payments(), Scoring(), Days.of(PROTOCOL, 45))
    return found


def stump(name: str, kind: str, rows: Rows) -> ModelFile:
    """Fraud if two payments at the terminal were."""
    tree = ((0, 1, 1, 2, HALF // 2), (0,), (HALF,))
    return model_file(name, "forest", rows.columns, (tree,), probability(), kind)


def test_a_model_is_trained_on_its_period_and_judged_on_the_weeks_after(columns: Columns) -> None:
    given: list[Rows] = []

    def trainer(name: str, kind: str, rows: Rows) -> ModelFile:
        given.append(rows)
        return stump(name, kind, rows)

    told: list[str] = []
    (found,) = judge_models(columns, PROTOCOL, ["forest"], told.append, trainer)
    assert told == ["forest, trained from day 3", "forest, trained from day 12"]
    assert [len(rows.fraud) for rows in given] == [700, 700]
    assert [column.input.name for column in given[0].columns] == list(INPUTS)
    assert given[0].values.shape == (700, 3)
    assert given[0].values[:, 0].max() == 0  # nothing was known yet
    assert given[1].values[:, 0].max() > 10
    assert 0 < given[0].fraud.sum() < given[1].fraud.sum()
    assert found.weeks[12].auc_roc > 0.95
    (rules,) = judge(columns, PROTOCOL)
    assert found.both.auc_roc >= min(rules.rules.auc_roc, found.model.auc_roc)


def test_what_a_model_is_scored_on_is_what_the_engine_reads(columns: Columns) -> None:
    """Whole numbers as they are, fractions in ten-thousandths."""

    def trainer(name: str, kind: str, rows: Rows) -> ModelFile:
        mean = float(np.median(rows.values[:, 1]))
        threshold = rows.columns[1].threshold(mean)
        tree = ((1, threshold, 1, 2, HALF // 2), (0,), (HALF,))
        return model_file(name, "forest", rows.columns, (tree,), probability(), kind)

    (found,) = judge_models(columns, PROTOCOL, ["forest"], trainer=trainer)
    assert 0.3 < found.model.auc_roc < 0.7  # says nothing, but says both


def test_training_without_its_environment_is_told(
    columns: Columns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("risk.ops.models.train.PYTHON", ROOT / "no-such-python")
    with pytest.raises(UserError, match="make setup-train"):
        judge_models(columns, PROTOCOL, ["forest"])
