"""A JobManager that is killed comes back with its jobs; a supervisor that is killed is missed."""

from __future__ import annotations

import os
import signal
import time

from risk.stack import taskmanagers, zookeeper
from risk.stack.flink import NAME
from risk.stack.priority import STEPS
from risk.stack.process import alive, stop
from risk.stack.up import status, up
from tests.pipeline import Pipeline, risk, until
from tests.topics import count

BACK_S = 240.0  # as long as a submission takes: a minute and a half on a very busy machine


def quiet(line: str) -> None:
    pass


def kill(pipeline: Pipeline, name: str) -> int:
    pid = alive(pipeline.home, name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def nice(pipeline: Pipeline, kind: str) -> int:
    pid = alive(pipeline.home, pipeline.taskmanager(pipeline.jobs[kind]))
    assert pid is not None
    return os.getpriority(os.PRIO_PROCESS, pid)


def test_a_killed_jobmanager_comes_back_with_its_jobs(pipeline: Pipeline) -> None:
    settings, home = pipeline.settings, pipeline.home
    scores = settings.topics.scores
    with pipeline.traffic(rate=200):
        for job in pipeline.jobs.values():
            pipeline.wait_checkpoints(job)
        killed = kill(pipeline, NAME)
        until(lambda: alive(home, NAME) not in (None, killed), "it is started again", BACK_S)
        until(lambda: pipeline.rest.jobs(), "it knows jobs", BACK_S)
        kill(pipeline, NAME)  # in the middle of that
        killed_at = time.monotonic()
        until(lambda: all(map(pipeline.runs, pipeline.jobs)), "all jobs run again", BACK_S)
        print(f"all jobs ran again after {time.monotonic() - killed_at:.0f} s")
        assert {job.id for job in pipeline.rest.jobs()} == set(pipeline.jobs.values())
        reached = count(settings, scores)
        until(lambda: count(settings, scores) > reached, "scores go on")
        kill(pipeline, zookeeper.NAME)  # what remembers the jobs may die, too: nothing stops
        until(lambda: alive(home, zookeeper.NAME), "it is started again")
        for job in pipeline.jobs.values():
            pipeline.wait_checkpoints(job)
    report = pipeline.verify()
    assert report.mismatches == 0, report.first


def test_a_killed_supervisor_is_missed_and_started_again(pipeline: Pipeline) -> None:
    settings, home = pipeline.settings, pipeline.home
    kill(pipeline, taskmanagers.SUPERVISOR)
    until(lambda: not alive(home, taskmanagers.SUPERVISOR), "it is gone")
    (found,) = status(settings, home, [NAME])
    assert found.state == "degraded"
    assert found.problem == "flink-supervisor is down: `risk up` starts it"
    shown = risk(settings, "status")
    shown = risk(settings, "status")
    assert shown.returncode == 1
    assert "degraded" in shown.stdout
    for job in pipeline.rest.jobs():
        assert f"\n{job.name}: RUNNING\n" in shown.stdout
    pid = alive(home, NAME)
    up(settings, home, [NAME], quiet)
    assert alive(home, NAME) == pid
    assert alive(home, taskmanagers.SUPERVISOR)
    until(lambda: all(map(pipeline.runs, pipeline.jobs)), "the jobs go on")
    own = nice(pipeline, "score")
    yielding = dict.fromkeys(pipeline.jobs, own + STEPS) | {"score": own}
    until(lambda: {k: nice(pipeline, k) for k in yielding} == yielding, "deliveries yield")
    stop(home, taskmanagers.SUPERVISOR)  # as if a start had failed before it came to it
    up(settings, home, [NAME], quiet)
    assert alive(home, taskmanagers.SUPERVISOR)
