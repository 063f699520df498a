"""A job that runs and does nothing is told from one that works."""

from __future__ import annotations

import pytest

from risk.ops.job_health import LOOP, RECENT_MS, Health, problem, shown
from risk.ops.jobs import Failure
from risk.stack.flink_rest import Job

NOW = 1_800_000_000_000


def job(
    state: str = "RUNNING", running: int = 2, name: str = "deliver redis 5b2469", n: int = 0
) -> Job:
    return Job(f"{n:032x}", name, state, 2, running)


def failed(*seconds_ago: int) -> list[Failure]:
    return [Failure(NOW - 1_000 * ago, f"{ago} s ago it said no") for ago in seconds_ago]


@pytest.mark.parametrize(
    ("found", "failures", "blocked_ms", "words"),
    [
        (job(), [], 0, None),
        (job(), failed(10), 0, None),
        (job(), failed(*range(301, 340)), 0, None),
        (job(), [], 4_999, None),
        (job(), [], 75_400, "store refuses writes for 75 s"),
        (job(), failed(10, 20, 30), 0, "failed 3 times within 5 minutes: 10 s ago it said no"),
        (job("RESTARTING", 0), failed(1), 0, "1 s ago it said no"),
        (job("FAILED", 0), [], 0, "no cause known"),
        (job(running=1), [], 0, "1 of 2 tasks run"),
        (job("INITIALIZING", 0), [], 0, "0 of 2 tasks run"),
    ],
)
def test_what_is_wrong(
    found: Job, failures: list[Failure], blocked_ms: float, words: str | None
) -> None:
    assert LOOP == 3
    assert RECENT_MS == 300_000
    assert problem(found, failures, blocked_ms, NOW) == words


def test_a_store_that_refuses_everything_alike_is_told_before_how_long() -> None:
    words = "store refuses nearly every message for the same reason: the job's log has it"
    assert problem(job(), [], 75_000, NOW, held=True) == words
    assert problem(job("RESTARTING", 0), failed(1), 0, NOW, held=True) == "1 s ago it said no"


def test_a_line() -> None:
    blocked = Health("deliver elasticsearch", "RUNNING", "a", "store refuses writes for 75 s")
    assert blocked.line == "deliver elasticsearch: RUNNING, store refuses writes for 75 s"
    assert Health("score default v1", "RUNNING", "a").line == "score default v1: RUNNING"


def test_one_that_failed_is_shown_until_another_takes_its_place() -> None:
    ended = job("FINISHED", name="score a v1 replay-1")
    dead = [job("FAILED", n=2), job("FAILED", n=1)]
    other = job(name="score default v1")
    assert shown([*dead, ended, other]) == [dead[0], other]
    again = job(n=3)
    assert shown([again, *dead, ended, other]) == [again, other]
