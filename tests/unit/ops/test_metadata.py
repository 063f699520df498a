"""Which run is live now is told by the job that runs, not by which was started last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from risk.config import names
from risk.ops.metadata import group_of, is_being_submitted, job_of, whose_job_runs
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


FIRST = run("live-1", "a")
LAST = run("live-2", "b", group=names.standby_group("live-2"))


def test_one_that_was_started_last_and_has_ended_is_not_live() -> None:
    found = whose_job_runs([LAST, FIRST], [job("live-1", "a")])
    assert found is FIRST
    assert group_of(found) == names.scoring_group("default")


def test_of_two_in_a_takeover_the_one_that_began_last_is_live() -> None:
    both = [job("live-1", "a"), job("live-2", "b")]
    assert whose_job_runs([LAST, FIRST], both) is LAST


def test_one_whose_job_was_started_again_is_live_under_another_id() -> None:
    assert whose_job_runs([LAST, FIRST], [job("live-1", "c")]) is FIRST


def test_neither_a_replay_nor_a_job_that_is_not_noted_is_live() -> None:
    replay = run("replay-1", "r", kind="replay")
    found = [job("replay-1", "r"), job("live-9", "z")]
    assert whose_job_runs([replay, LAST, FIRST], found) is None
    assert whose_job_runs([LAST], []) is None


def test_a_run_that_was_noted_without_its_job_is_found_by_its_name() -> None:
    replay = run("replay-1", "", kind="replay")
    ended = job("replay-1", "a")._replace(state="CANCELED")
    assert job_of(replay, [job("replay-12", "z"), ended, job("replay-1", "b")]) == job(
        "replay-1", "b"
    )
    assert job_of(replay, [ended]) == ended
    assert job_of(replay, [job("live-1", "a")]) is None


def test_a_run_that_was_noted_with_its_job_has_no_other() -> None:
    replay = run("replay-1", "a", kind="replay")
    assert job_of(replay, [job("replay-1", "b")]) is None


def test_a_job_may_come_for_as_long_as_a_submission_may_take() -> None:
    began = datetime(2026, 3, 1, 12, tzinfo=UTC)
    replay = msgspec.structs.replace(run("replay-1", "", kind="replay"), started_at=began)
    assert is_being_submitted(replay, began + timedelta(minutes=5))
    assert not is_being_submitted(replay, began + timedelta(minutes=7))
    noted = msgspec.structs.replace(replay, job_id="a")
    assert not is_being_submitted(noted, began)
