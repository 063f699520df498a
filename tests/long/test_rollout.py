"""A challenger for half of the users: promoted, verified, told of in Postgres, and taken back."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from risk.ops import jobs
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from risk.verify.verification import verify
from tests.pipeline import SETTLE_S, Pipeline, risk, until
from tests.topics import count
from tests.unit.engine.rules.test_models import model

RULE = """\
id: likely_fraud
version: 1
description: The model says so.
points: 30
when: model("card") > 700
reason: 'card {model("card")}: {model("card"):why}'
tests:
  - {name: sure, hit: true, given: {model("card"): 900}}
  - {name: not sure, hit: false, given: {}}
"""
ROLLOUT = "card: {challenger: card_next, share: 50, salt: 2026-11}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ruleset `default` under another name, with two models and a rule that asks one."""
    beside = tmp_path_factory.mktemp("rulesets")
    found = Path(shutil.copytree(ROOT / "rules" / "default", beside / "challenged"))
    head = found / "ruleset.yaml"
    head.write_text(head.read_text("utf-8").replace("name: default", "name: challenged"), "utf-8")
    (found / "likely_fraud.yaml").write_text(RULE, "utf-8")
    (found / "models").mkdir()
    later = [[[0, 1, 1, 2, 0], [0], [2**32]], [[1, 5_000, 1, 2, 0], [0], [2**31]]]
    files = {"card": model(), "card_next": model("card_next", "forest", trees=later)}
    for name, text in files.items():
        (found / "models" / f"{name}.json").write_text(text, "utf-8")
    (found / "models" / "rollout.yaml").write_text(ROLLOUT, "utf-8")
    return found


def command(pipeline: Pipeline, *arguments: str) -> str:
    done = risk(pipeline.settings, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def live(pipeline: Pipeline) -> list[dict[str, Any]]:
    """The deployments that are live now."""
    now = datetime.now(UTC).isoformat()
    found: list[dict[str, Any]] = json.loads(
        command(pipeline, "model", "deployments", "--at", now, "--json")
    )
    return found


def statuses(pipeline: Pipeline) -> dict[str, str]:
    found = json.loads(command(pipeline, "model", "list", "--json"))
    return {one["sha256"]: one["status"] for one in found}


def test_a_challenger_decides_for_its_users_until_it_is_taken_back(
    pipeline: Pipeline, folder: Path
) -> None:
    settings, ruleset = pipeline.settings, read_folder(folder)
    own = {name: one.digest for name, one in ruleset.models.items()}
    command(pipeline, "promote", str(folder))
    with pipeline.traffic(rate=100):
        reached = count(settings, settings.topics.scores)
        until(lambda: count(settings, settings.topics.scores) > reached + 300, "scores flow")
    report = verify(settings, ruleset, wait_s=SETTLE_S)
    assert report.mismatches == 0, report.first
    assert report.scored > 200

    arms = [(one["model"], one["sha256"], one["arm"], one["share"]) for one in live(pipeline)]
    assert arms == [
        ("card_next", own["card_next"], "challenger", 500),
        ("card", own["card"], "champion", 500),
    ]
    assert all(one["offsets"] for one in live(pipeline))
    assert statuses(pipeline)[own["card_next"]] == "rollout"

    command(pipeline, "rollback")
    assert live(pipeline) == []
    assert statuses(pipeline)[own["card_next"]] == "retired"
    (job,) = jobs.running(settings, "score ")
    pipeline.jobs["score"] = job.id
    # Each payment has its decision under `default` from here on, whoever decided it live.
    command(pipeline, "replay", "--ruleset", "default")
    assert pipeline.verify().mismatches == 0
