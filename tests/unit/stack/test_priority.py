"""Who yields to whom, and that all threads of a process do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from risk.config.names import delivery_job, replay_run, scoring_job
from risk.stack import priority, process
from risk.stack.process import Home
from risk.waiting import until

THREADS = """
import threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
time.sleep(60)
"""
LIVE = scoring_job("default", 1, "live-1", "c0de")
REPLAY = scoring_job("default", 1, replay_run("1"), "c0de")


@pytest.mark.parametrize(
    ("jobs", "yields"),
    [
        ([LIVE], False),
        ([LIVE, delivery_job("redis", "c0de")], False),
        ([delivery_job("redis", "c0de")], True),
        ([REPLAY], True),
        ([], False),
    ],
)
def test_only_what_decides_as_payments_come_does_not_yield(jobs: list[str], yields: bool) -> None:
    assert priority.yields(jobs) is yields


def test_all_of_a_process_gives_way(tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = os.getpriority(os.PRIO_PROCESS, 0)
    pid = process.spawn(home, "other", [sys.executable, "-c", THREADS])
    try:
        tasks = Path(f"/proc/{pid}/task")
        assert until(lambda: len(list(tasks.iterdir())) == 2, 30)
        priority.give_way(pid)
        found = {os.getpriority(os.PRIO_PROCESS, int(task.name)) for task in tasks.iterdir()}
        assert found == {min(19, before + priority.STEPS)}
    finally:
        process.stop(home, "other")


def test_what_is_gone_is_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    pid = process.spawn(home, "other", ["true"])
    assert until(lambda: process.alive(home, "other") is None, 30)
    process.stop(home, "other")
    priority.give_way(pid)
