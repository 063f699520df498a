"""`flink run`, as it comes with Flink: it needs only a running cluster, and runs what is submitted.

In thread mode a TaskManager keeps the Python modules that it has imported. So after a change of the
code a job must find another TaskManager, or notice that it has found an old one.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flink_jobs.version import CODE_VERSION
from risk.config.settings import Settings
from risk.engine.payment.transaction import encode
from risk.ops import jobs
from risk.paths import ROOT
from risk.stack.process import Home, alive
from risk.stack.taskmanagers import SUPERVISOR
from tests.pipeline import flink_run, transaction, until, with_own_topics
from tests.project import copied, submit_score
from tests.topics import Sent, read, send

SUBMIT = ("-py", "flink_jobs/score.py", "-pyfs", "build/risk-code.zip", "--ruleset")
MASK, OTHER_MASK = '"****"', '"####"'


@pytest.fixture(scope="module")
def apart(kafka: Settings, flink: Settings) -> Settings:
    """Topics of their own."""
    return with_own_topics(flink, "flink-run")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with one change in its code: another mask for what must not be seen."""
    root = copied(tmp_path_factory.mktemp("changed"))
    module = root / "risk" / "engine" / "messages.py"
    text = module.read_text(encoding="utf-8")
    assert MASK in text
    module.write_text(text.replace(MASK, OTHER_MASK), encoding="utf-8")
    return root


def raw(settings: Settings, home: Home, root: Path = ROOT) -> str:
    """Zip the code and submit the scoring job with `flink run`; the job's id."""
    packages = ("risk", "flink_jobs", "sinks", "sql")
    zipped = [sys.executable, "-m", "zipfile", "-c", "build/risk-code.zip", *packages]
    subprocess.run(zipped, cwd=root, check=True)
    done = flink_run(settings, home, *SUBMIT, str(ROOT / "rules" / "default"), root=root)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"JobID (\w+)", done.stdout)
    assert found
    return found[1]


def masked(settings: Settings, event_id: str, event_time: int) -> str:
    """Send a payment, wait for its score; what is shown there of the card."""
    txn = transaction(event_id, "anna", event_time, card_token="tok")
    send(settings, settings.topics.transactions, [Sent(b"anna", encode(txn))])

    def tokens() -> list[str]:
        scores = [json.loads(message.value()) for message in read(settings, settings.topics.scores)]
        return [s["transaction"]["card_token"] for s in scores if s["event_id"] == event_id]

    until(tokens, f"{event_id} is scored")
    return tokens()[0]


@contextmanager
def asleep(home: Home, process: str) -> Iterator[None]:
    """A process does nothing meanwhile."""
    pid = alive(home, process)
    assert pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_changed_code_is_what_runs(apart: Settings, home: Home, changed: Path) -> None:
    settings = apart
    first = raw(settings, home)
    jobs.wait_running(settings, first)
    name = jobs.find(settings, first)
    assert name
    assert name.name.endswith(CODE_VERSION)
    assert masked(settings, "first", 1_790_000_000_000) == "****"
    with asleep(home, SUPERVISOR):  # it would end the TaskManager once its job has ended
        jobs.cancel(settings, first)
        stale = raw(settings, home, changed)
        until(lambda: "StaleCode" in jobs.root_cause(settings, stale), "the old code is noticed")
        assert f"holds code {CODE_VERSION}" in jobs.root_cause(settings, stale)
        jobs.cancel(settings, stale)
    others = jobs.running(settings, "score ")
    submitted = submit_score(settings, home, "--start", "group", root=changed)
    assert ("runs already" in submitted.output) == bool(others)
    job = jobs.find(settings, submitted.job)
    assert job
    try:
        assert not job.name.endswith(CODE_VERSION)
        assert masked(settings, "second", 1_790_000_001_000) == "####"
    finally:
        jobs.cancel(settings, job.id)
