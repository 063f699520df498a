"""A ruleset with features of its own, of every kind: promoted, killed, rolled back, replayed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.stream import records
from risk.config.settings import Settings
from risk.engine.rules import Ruleset
from risk.ops import jobs
from risk.ops.feedback.send import send
from risk.ops.ruleset_folder import read_folder
from risk.verify.proof.verdicts import verdicts
from risk.verify.verification import Report, verify
from sinks.postgres.connect import connect
from tests import every_feature
from tests.pipeline import SETTLE_S, Pipeline, risk, until
from tests.topics import count


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return every_feature.write(tmp_path_factory.mktemp("rulesets"))


def verified(pipeline: Pipeline, ruleset: Ruleset) -> Report:
    report = verify(pipeline.settings, ruleset, wait_s=SETTLE_S)
    assert report.mismatches == 0, report.first
    return report


def most(settings: Settings, feature: str) -> float:
    """The greatest value of a feature among the scores of the ruleset."""
    query = "SELECT max((features->>%s)::float) FROM risk_scores WHERE ruleset = %s"
    with connect(settings) as connection:
        found = connection.execute(query, (feature, every_feature.NAME)).fetchone()
    assert found is not None
    return float(found[0])


def job(pipeline: Pipeline) -> str:
    (found,) = jobs.running(pipeline.settings, "score ")
    return found.id


def test_new_features_are_not_taken_up_without_their_history(
    pipeline: Pipeline, folder: Path
) -> None:
    pipeline.publish(pipeline.stream(rate=200, duration_s=20))
    assert pipeline.verify().mismatches == 0
    done = risk(pipeline.settings, "promote", str(folder))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "declares features that the running job has no history of: country_" in line
    assert "`risk promote every_feature --bootstrap 7d`" in line


def test_every_declared_feature_is_exact_under_traffic_and_a_kill(
    pipeline: Pipeline, folder: Path
) -> None:
    settings, ruleset = pipeline.settings, read_folder(folder)
    scores = settings.topics.scores
    done = risk(settings, "promote", str(folder), "--bootstrap", "7d")
    assert done.returncode == 0, done.stderr
    stream = pipeline.stream(rate=50, duration_s=60)
    assert send(settings, verdicts(records(stream))) > 1_000
    pipeline.publish(stream)
    with pipeline.traffic(rate=150):
        pipeline.wait_checkpoints(job(pipeline))
        reached = count(settings, scores)
        until(lambda: count(settings, scores) > reached + 300, "scores flow")
        pipeline.kill(job(pipeline))
        reached = count(settings, scores)
        until(lambda: count(settings, scores) > reached + 300, "scores flow again")
    report = verified(pipeline, ruleset)
    assert report.scored > 3_000
    assert report.corrections > 0
    for name in ("country_count_verdicts_steps", "merchant_id_distinct_verdicts_window"):
        assert most(settings, name) > 2
    late = pipeline.stream(rate=50, duration_s=40)
    pipeline.publish(late)
    verified(pipeline, ruleset)
    before = count(settings, settings.topics.dlq)
    assert send(settings, verdicts(records(late))) > 500  # of what is decided already
    until(lambda: count(settings, settings.topics.dlq) >= before + 500, "they are put aside")
    verified(pipeline, ruleset)
    done = risk(settings, "rollback")
    assert done.returncode == 0, done.stderr
    pipeline.jobs["score"] = job(pipeline)
    assert pipeline.verify().mismatches == 0


def test_a_replay_in_shards_says_the_same(pipeline: Pipeline, folder: Path) -> None:
    sharded = ("--placement", "sharded", "--json")
    done = risk(pipeline.settings, "replay", "--ruleset", str(folder), *sharded)
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    done = risk(pipeline.settings, "verify", "--run", run["run_id"])
    assert done.returncode == 0, done.stderr or done.stdout


def test_what_ran_before_can_say_all_again(pipeline: Pipeline) -> None:
    """Each payment has its decision under `default` from here on, whoever decided it live."""
    done = risk(pipeline.settings, "replay", "--ruleset", "default")
    assert done.returncode == 0, done.stderr
    assert pipeline.verify().mismatches == 0
