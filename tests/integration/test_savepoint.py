"""A job that is stopped with a savepoint goes on from there."""

from __future__ import annotations

from risk.config import names
from risk.ops import job_numbers, jobs
from tests.pipeline import Pipeline, risk, until
from tests.topics import count


def test_scoring_goes_on_from_a_savepoint(pipeline: Pipeline) -> None:
    settings = pipeline.settings
    scores = settings.topics.scores
    before = pipeline.verify()
    with pipeline.traffic(rate=200):
        reached = count(settings, scores)
        until(lambda: count(settings, scores) > reached + 200, "scores flow")
        job = _restore(pipeline)
        reached = count(settings, scores)
        until(lambda: count(settings, scores) > reached, "scores flow again")
    report = pipeline.verify()
    assert report.mismatches == 0, report.first
    assert report.events > before.events
    assert report.repeated == before.repeated
    assert pipeline.restarts(job) == 0
    group = names.scoring_group(settings.scoring.ruleset)
    assert pipeline.rest.parameters(job)[names.GROUP_PARAMETER] == group


def test_a_restored_job_that_has_nothing_to_read_has_settled(pipeline: Pipeline) -> None:
    until(lambda: _settled(pipeline), "all has settled")
    _restore(pipeline)
    until(lambda: _settled(pipeline), "all has settled again")


def _settled(pipeline: Pipeline) -> int:
    return job_numbers.read(pipeline.rest, pipeline.jobs["score"]).settled


def _restore(pipeline: Pipeline) -> str:
    """Stop scoring with a savepoint, and let it go on from that. The new job's id."""
    settings = pipeline.settings
    savepoint = jobs.stop_with_savepoint(settings, pipeline.jobs["score"])
    until(lambda: not pipeline.runs("score"), "the job has ended")
    done = risk(settings, "submit", "score", "--from-savepoint", savepoint)
    assert done.returncode == 0, done.stderr
    (job,) = jobs.running(settings, "score ")
    pipeline.jobs["score"] = job.id
    return job.id
