"""Training for real, in its own environment, and the ruleset that then has the model."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from risk.config.settings import Scoring
from risk.engine.models.format import encode
from risk.engine.rules.cases import run_cases
from risk.ops.models.columns import columns_of
from risk.ops.models.train import KINDS, Rows, train
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT, RULES
from risk.verify.quality.labelled import Columns, Days, judge, run
from risk.verify.quality.protocol import Protocol
from risk.verify.quality.trained import judge_models
from tests.unit.verify.test_labelled import payments

EXAMPLE = ROOT / "docs" / "examples" / "handbook"
INPUTS = ("terminal_frauds_7d", "terminal_verdicts_7d", "user_mean_7d", "amount", "hour_utc")
PROTOCOL = Protocol(train=7, delay=7, test=7, starts=(14,))
RULE = """\
id: likely_fraud
version: 1
description: The model is sure.
points: 80
when: model("forest") > 700
reason: 'model {model("forest")} of 1000: {model("forest"):why}'
tests:
  - {name: sure, hit: true, given: {model("forest"): 900}}
  - {name: not sure, hit: false, given: {}}
"""


@pytest.fixture(scope="module")
def columns() -> Columns:
    """Payments, one terminal of which is compromised; and what trains models."""
    subprocess.run(("make", "--silent", "setup-train"), cwd=ROOT, check=True)
    found = Columns([read_folder(EXAMPLE)], INPUTS)
    run(found, payments(), Scoring(), Days.of(PROTOCOL, 45))
    return found


def test_every_kind_of_model_learns_what_there_is_to_learn(columns: Columns) -> None:
    found = {one.kind: one for one in judge_models(columns, PROTOCOL, KINDS)}
    (rules,) = judge(columns, PROTOCOL)
    for kind in ("boosting", "forest", "extra_trees"):
        assert found[kind].model.auc_roc > 0.99
        assert found[kind].both.auc_roc >= rules.rules.auc_roc - 0.01
    assert found["isolation"].model.auc_roc > 0.6


def test_a_trained_model_is_a_file_of_a_ruleset(columns: Columns, tmp_path: Path) -> None:
    ruleset = columns.rulesets[0]
    rows = Rows(columns_of(ruleset, INPUTS), columns.rows(), columns.scored(0).fraud)
    one, again = (train("forest", "forest", rows, seed=3) for _ in range(2))
    assert encode(one) == encode(again)
    folder = shutil.copytree(EXAMPLE, tmp_path / "handbook")
    (folder / "models").mkdir()
    (folder / "models" / "forest.json").write_text(encode(one))
    (folder / "likely_fraud.yaml").write_text(RULE)
    with_model = read_folder(folder)
    assert set(with_model.models) == {"forest"}
    assert with_model.fingerprint != ruleset.fingerprint
    assert all(case.passed for case in run_cases(with_model))


@pytest.mark.parametrize("kind", KINDS)
def test_weights_count(kind: str) -> None:
    """A payment that stands for many moves the model, and the same one each time."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(600, 2)).round(4)
    fraud = ((values[:, 0] + rng.normal(size=600)) > 1.5).astype(np.int64)
    columns = columns_of(read_folder(RULES / "default"), ("user_amount_ratio", "user_speed_kmh"))
    plain = Rows(columns, values, fraud)
    many = np.where(values[:, 1] > 0, 20.0, 1.0)
    one, other, same = (
        encode(train("card", kind, plain._replace(weight=weight))) for weight in (None, many, many)
    )
    assert other == same
    assert one != other
