"""`risk demo --learn` as a newcomer runs it: a model learns, decides, and all adds up."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.attacks import UNFORESEEN
from risk.config.settings import Settings, parse
from risk.paths import ROOT
from risk.stack.process import Home
from risk.stack.up import down
from tests.e2e.test_demo import PORTS
from tests.pipeline import risk

MOST_S = 900


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Settings]:
    """A stack of its own; and what trains models."""
    subprocess.run(("make", "--silent", "setup-train"), cwd=ROOT, check=True)
    tmp_path.chmod(0o755)
    settings = parse(PORTS, {"RISK_DATA_DIR": str(tmp_path / "data")})
    try:
        yield settings
    finally:
        down(settings, Home(Path(settings.data_dir)), say=lambda line: None)


@pytest.mark.stack
@pytest.mark.flink
def test_a_model_learns_what_no_rule_knows(apart: Settings) -> None:
    done = risk(apart, "demo", "--learn", "--json", "--seed", "7", timeout_s=MOST_S)
    assert done.returncode == 0, done.stdout + done.stderr[-4_000:]
    found = json.loads(done.stdout)
    for step in found["steps"]:
        print(f"{step['begun_s']:6.1f} s: {step['text']}")
    print(f"{found['seconds']:6.1f} s: the end of it")
    assert found["ok"]
    assert found["sent"] == sum(stage["sent"] for stage in found["stages"])
    assert found["statuses"] == ["shadow", "production"]
    assert [one["mismatches"] for one in found["stages"]] == [0, 0, 0]
    for stage in found["stages"]:
        outcomes = [stage[name] for name in ("scored", "duplicate", "late", "rejected")]
        assert stage["sent"] == stage["events"] == sum(outcomes)
        assert {store["scores"] for store in stage["stores"].values()} == {stage["scored"]}
    (new,) = UNFORESEEN
    before, after = (found["judged"][name] for name in ("without", "decided"))
    assert after["attacks"][new]["at_budgets"][1] > before["attacks"][new]["at_budgets"][1] + 0.3
    for name, one in before["attacks"].items():
        assert after["attacks"][name]["flagged"] >= one["flagged"]
    assert found["learning"]["verdicts"] >= found["learning"]["frauds"] > 50
