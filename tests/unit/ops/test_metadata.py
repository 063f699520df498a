"""Which job is of a run that was noted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from risk.config import names
from risk.ops.metadata import is_being_submitted, job_among
from risk.registry.runs import Run
from risk.stack.flink_rest import Job


def run(run_id: str, job_id: str, kind: str = "live", group: str = "") -> Run:
    return Run(
        run_id=run_id,
        kind=kind,
        ruleset="default",
        ruleset_version=1,
        fingerprint="f",
        code_version="c",
        placement="fused",
        job_id=job_id,
        consumer_group=group,
    )


def job(run_id: str, job_id: str) -> Job:
    return Job(job_id, names.scoring_job("default", 1, run_id, "5b2469"), "RUNNING", 2, 2)


def test_a_run_that_was_noted_without_its_job_is_found_by_its_name() -> None:
    replay = run("replay-1", "", kind="replay")
    ended = job("replay-1", "a")._replace(state="CANCELED")
    assert job_among(replay, [job("replay-12", "z"), ended, job("replay-1", "b")]) == job(
        "replay-1", "b"
    )
    assert job_among(replay, [ended]) is None, "it may be that of an earlier run of that name"
    assert job_among(replay, [job("live-1", "a")]) is None


def test_a_run_that_was_noted_with_its_job_has_no_other() -> None:
    replay = run("replay-1", "a", kind="replay")
    assert job_among(replay, [job("replay-1", "b")]) is None


def test_a_job_may_come_for_as_long_as_a_submission_may_take() -> None:
    began = datetime(2026, 3, 1, 12, tzinfo=UTC)
    replay = msgspec.structs.replace(run("replay-1", "", kind="replay"), started_at=began)
    assert is_being_submitted(replay, began + timedelta(minutes=5))
    assert not is_being_submitted(replay, began + timedelta(minutes=7))
    noted = msgspec.structs.replace(replay, job_id="a")
    assert not is_being_submitted(noted, began)
