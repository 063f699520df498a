"""A delivery that has given up is started again in the same interpreter, and writes again."""

from __future__ import annotations

import os
import re
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

import sinks.redis
from risk.config import metric_names as names
from risk.config.settings import Settings
from risk.ops import jobs
from risk.stack import flink_config
from risk.stack.process import Home, alive
from tests.contract.messages import score
from tests.pipeline import Pipeline, until, with_own_topics
from tests.topics import Sent, send

STORE = "redis"  # of the three the one that is missed soonest: it has 10 s to answer
replace = msgspec.structs.replace


@pytest.fixture
def impatient(kafka: Settings, flink: Settings, redis: Settings) -> Settings:
    """Topics of their own, and a delivery that soon gives up."""
    delivery = replace(redis.delivery, retry_max_ms=500, give_up_ms=1_000)
    return replace(with_own_topics(redis, "impatient"), delivery=delivery)


@contextmanager
def stopped(home: Home, name: str) -> Iterator[None]:
    """A server that takes connections and says nothing, as when its machine hangs."""
    pid = alive(home, name)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def blocked_ms(settings: Settings, job: str) -> float | None:
    """What the job says of how long its store has taken nothing; None while it says nothing."""
    first = settings.flink.metrics_port
    for port in range(first, first + flink_config.TASKMANAGERS + 1):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                text = answer.read().decode()
        except (urllib.error.URLError, OSError):
            continue
        pattern = rf"^{names.DELIVERY_BLOCKED.exported}{{[^}}]*{job}[^}}]*}} (\S+)$"
        if found := re.search(pattern, text, re.MULTILINE):
            return float(found[1])
    return None


def test_a_store_that_hangs_is_written_when_it_goes_on(impatient: Settings, home: Home) -> None:
    ruleset = ("in_place", 1)
    pipeline = Pipeline(impatient, home)

    def deliver(event_id: str) -> None:
        one = score(event_id, ruleset=ruleset)
        record = Sent(one.user_id.encode(), msgspec.json.encode(one))
        send(impatient, impatient.topics.scores, [record])

    def delivered() -> list[str]:
        return [row.event_id for row in sinks.redis.scan(impatient, *ruleset)]

    jobs.fresh_slots(impatient, home)
    arguments = ["--store", STORE, "--group", "impatient"]
    job = jobs.submit(impatient, home, "deliver.py", arguments)
    try:
        jobs.wait_running(impatient, job)
        deliver("before")
        until(lambda: delivered() == ["before"], "the first is delivered")
        place = pipeline.taskmanager(job)
        process = alive(home, place)
        with stopped(home, STORE):
            deliver("meanwhile")
            until(lambda: (blocked_ms(impatient, job) or 0) > 0, "it says that it is held up")
            until(lambda: pipeline.restarts(job) > 0, "it has given up")
            # Longer than one try lasts: it remembers the time before it was restarted.
            until(lambda: (blocked_ms(impatient, job) or 0) > 15_000, "it says so all the time")
        until(lambda: "meanwhile" in delivered(), "what came meanwhile is delivered")
        until(lambda: blocked_ms(impatient, job) == 0, "it says that it is held up no more")
        assert (pipeline.taskmanager(job), alive(home, place)) == (place, process), "not in place"
    finally:
        jobs.cancel(impatient, job)
