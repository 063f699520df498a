"""TaskManagers killed in mid-stream: nothing is lost, nothing counts twice."""

from __future__ import annotations

from tests.pipeline import Pipeline, until
from tests.topics import count

KILLED = ("score", "postgres")


def test_taskmanagers_are_killed_in_mid_stream(pipeline: Pipeline) -> None:
    scores = pipeline.settings.topics.scores
    restarts = {name: pipeline.restarts(pipeline.jobs[name]) for name in KILLED}
    with pipeline.traffic(rate=300):
        for name in KILLED:
            pipeline.wait_checkpoints(pipeline.jobs[name])
        for name in KILLED:
            pipeline.kill(pipeline.jobs[name])
        until(
            lambda: all(pipeline.restarts(pipeline.jobs[n]) > restarts[n] for n in KILLED),
            "both are restarted",
        )
        until(lambda: all(map(pipeline.runs, KILLED)), "both run again")
        reached = count(pipeline.settings, scores)
        until(lambda: count(pipeline.settings, scores) > reached, "scores go on")
    report = pipeline.verify()
    assert report.mismatches == 0, report.first
