"""A model from a training set to a ruleset's folder, by the command and in its own environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from risk.cli.main import main
from risk.ops.models.train import KINDS
from risk.paths import ROOT
from risk.verify.quality.card import beside
from tests.unit.verify.training_sets import stored


@pytest.fixture(scope="module")
def training_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set; and what trains models."""
    subprocess.run(("make", "--silent", "setup-train"), cwd=ROOT, check=True)
    return stored(tmp_path_factory.mktemp("set"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_set_and_seed_give_the_same_file(
    kind: str, training_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "shop" / "models" / "card.json"
    out.parent.parent.mkdir()
    words = ["model", "train", str(training_set), "--kind", kind, "--name", "card"]
    words += ["--out", str(out), "--inputs", "user_count_5m,amount", "--json"]
    made = []
    for _ in range(2):
        assert main(words) == 0
        card = json.loads(capsys.readouterr().out)
        made.append((out.read_bytes(), beside(out).read_bytes()))
    assert made[0] == made[1]
    assert card["libraries"].keys() == {"python", "lightgbm", "numpy", "scikit-learn"}
    assert card["inputs"] == ["amount", "user_count_5m"]
    assert card["figures"]["auc_roc"]["value"] > (0.6 if kind == "isolation" else 0.75)
    assert ("brier" in card["figures"]) is (kind != "isolation")
