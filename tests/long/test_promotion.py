"""Another ruleset takes over under traffic, and the former one comes back."""

from __future__ import annotations

from risk.ops import jobs
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from risk.registry import activations
from risk.verify.verification import verify
from tests.integration.test_versions import DEFAULT, STRICT, command
from tests.pipeline import SETTLE_S, Pipeline, until
from tests.topics import count


def test_promote_and_rollback_under_traffic(pipeline: Pipeline) -> None:
    settings = pipeline.settings
    scores = settings.topics.scores
    running = _job(pipeline, "default")
    assert "is the active ruleset" in command(pipeline, "promote", "default")
    assert _job(pipeline, "default") == running, "what runs already needs no other job"
    with pipeline.traffic(rate=100):
        command(pipeline, "promote", "strict")
        assert activations.active(settings) == STRICT
        job = _job(pipeline, "strict")
        pipeline.wait_checkpoints(job)
        reached = count(settings, scores)
        until(lambda: count(settings, scores) > reached + 200, "scores flow")
        pipeline.kill(job)  # it has said more than its checkpoint knows of
        command(pipeline, "rollback")
        assert activations.active(settings) == DEFAULT
        reached = count(settings, scores)
        until(lambda: count(settings, scores) > reached + 100, "scores flow")
    pipeline.jobs["score"] = _job(pipeline, "default")
    assert pipeline.verify().mismatches == 0
    strict = read_folder(ROOT / "rules" / "strict")
    report = verify(settings, strict, wait_s=SETTLE_S)
    assert report.mismatches == 0, report.first
    assert report.scored > 100


def _job(pipeline: Pipeline, ruleset: str) -> str:
    (job,) = [job for job in jobs.running(pipeline.settings, "score ") if ruleset in job.name]
    return job.id
