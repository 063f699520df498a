"""Names of jobs, runs and groups: what is built is taken apart again."""

from __future__ import annotations

import pytest

from risk.config import names

CODE = "5b2469a1c0de"


def test_a_scoring_job_is_known_by_its_name() -> None:
    name = names.scoring_job("default", 3, names.live_run("0f"), CODE)
    assert name == f"score default v3 live-0f {CODE}"
    assert name.startswith(names.SCORING_JOBS)
    assert names.kind_of(name) == names.SCORE
    assert names.ruleset_of(name) == ("default", "3")
    assert names.is_of_run(name, "live-0f")
    assert not names.is_of_run(name, "live-0")


def test_a_delivery_job_is_known_by_its_name() -> None:
    name = names.delivery_job("redis", CODE)
    assert name == f"deliver redis {CODE}"
    assert name.startswith(names.DELIVERY_JOBS)
    assert names.kind_of(name) == "redis"
    assert names.alike(name) == names.alike("deliver redis 0000")


@pytest.mark.parametrize("run", [names.replay_run("x"), names.warm_up_run("x")])
def test_a_run_beside_is_no_live_job(run: str) -> None:
    assert names.kind_of(names.scoring_job("default", 1, run, CODE)) is None


@pytest.mark.parametrize("name", ["", "deliver", "Flink job", "scores a v1 b c"])
def test_other_jobs_are_none_of_ours(name: str) -> None:
    assert names.kind_of(name) is None


def test_a_warm_up_is_told_apart() -> None:
    run = names.warm_up_run("x")
    assert names.warms_up(names.scoring_job("default", 1, run, CODE))
    assert not names.warms_up(names.scoring_job("default", 1, names.live_run("x"), CODE))


@pytest.mark.parametrize(("named", "run"), [("a", "replay-a"), ("replay-a", "replay-a")])
def test_a_replay_is_called_one_once(named: str, run: str) -> None:
    assert names.replay_run(named) == run
    assert names.is_replay(run)
    assert not names.is_replay(named) or named == run


def test_groups_stages_and_operators() -> None:
    assert names.scoring_group("default") == "risk-score-default"
    assert names.delivery_group("redis") == "risk-deliver-redis"
    assert names.delivery_operator("redis") == "deliver to redis"
    assert names.delivery_stage("redis") == "deliver.redis"
    assert names.resend_transaction("risk.dlq") == "risk-dlq-resend-risk.dlq"
    assert names.live_kinds(("redis", "postgres")) == ("score", "redis", "postgres")
    readers = (names.CLI_READER, names.ENDS_READER, names.RECORDED_READER, names.DEMO_READER)
    for group in (*readers, names.BENCH_READER, names.SCORING_GROUPS, names.DELIVERY_GROUPS):
        assert group.startswith(names.GROUPS)
