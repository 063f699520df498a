"""Producers and the broker die under traffic: what was acknowledged is in the topic."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from risk.config.settings import Settings, to_environment
from risk.kafka.scan import read_all
from risk.paths import ROOT
from risk.stack import signals
from risk.stack.process import Home
from risk.stack.procfs import gone
from risk.verify.chaos.faults.clock import HOUR_MS
from risk.verify.chaos.journal import checksum, lost, read
from risk.verify.chaos.traffic import AGAIN, Traffic
from risk.waiting import until
from tests.conftest import Start
from tests.pipeline import with_own_topics

RATE = 400.0
PATIENCE_S = 120.0


@contextmanager
def publishing(settings: Settings, folder: Path, seed: int) -> Iterator[Traffic]:
    """Traffic that ends with the block, however that ends."""
    traffic = Traffic(settings, folder, seed, RATE)
    traffic.start()
    try:
        yield traffic
    finally:
        traffic.kill()


def noted(traffic: Traffic) -> int:
    return sum(1 for path in traffic.journals for _ in read(path))


def wait_for(traffic: Traffic, count: int) -> None:
    assert until(lambda: noted(traffic) >= count, PATIENCE_S), noted(traffic)


def problems(settings: Settings, traffic: Traffic) -> list[str]:
    there = {
        (message.partition() or 0, message.offset() or 0): checksum(message.value())
        for message in read_all(settings, settings.topics.transactions)
    }
    return lost((one for path in traffic.journals for one in read(path)), there)


def test_a_killed_producer_lost_nothing_and_its_successor_repeats_the_last(
    kafka: Settings, tmp_path: Path
) -> None:
    settings = with_own_topics(kafka, "chaos-producer")
    with publishing(settings, tmp_path, 1) as traffic:
        wait_for(traffic, 3 * AGAIN)
        traffic.kill()
        before = noted(traffic)
        traffic.start()
        wait_for(traffic, before + 2 * AGAIN)
        traffic.stop()
    assert problems(settings, traffic) == []
    values = Counter(one.value() for one in read_all(settings, settings.topics.transactions))
    assert sum(count - 1 for count in values.values()) >= AGAIN


STARTS = """
import pathlib, sys, time
from risk.ops.settings import load_settings
from risk.verify.chaos.traffic import Traffic
traffic = Traffic(load_settings(), pathlib.Path(sys.argv[1]), 5, 50.0)
traffic.start()
print(traffic._process.pid, flush=True)
time.sleep(1_000)
"""


def test_a_producer_ends_with_whoever_has_started_it(kafka: Settings, tmp_path: Path) -> None:
    settings = with_own_topics(kafka, "chaos-orphan")
    with subprocess.Popen(
        (sys.executable, "-c", STARTS, tmp_path),
        env=os.environ | to_environment(settings),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        traffic = Traffic(settings, tmp_path, 5, 50.0)
        traffic.count = 1  # as its own says
        try:
            wait_for(traffic, 1)
        finally:
            starter.kill()
    assert until(lambda: gone(pid), PATIENCE_S)


def test_a_producer_whose_clock_is_set_back_is_an_hour_behind_until_it_is_right(
    kafka: Settings, tmp_path: Path
) -> None:
    settings = with_own_topics(kafka, "chaos-clock")
    began = time.time_ns() // 1_000_000
    with publishing(settings, tmp_path, 3) as traffic:
        wait_for(traffic, 200)
        for by_ms in (HOUR_MS, 0):
            traffic.clock.set_back(by_ms)
            wait_for(traffic, noted(traffic) + 200)
        traffic.stop()
    assert problems(settings, traffic) == []
    found = re.compile(rb'"event_time":(\d{13}),')
    values = (one.value() or b"" for one in read_all(settings, settings.topics.transactions))
    times = [int(said[1]) for value in values if (said := found.search(value))]
    behind = [
        began - HOUR_MS - 60_000 <= event_time <= began - HOUR_MS + 600_000 for event_time in times
    ]
    assert 100 < sum(behind) < len(times) - 200


def test_a_broker_that_was_killed_has_what_it_acknowledged(
    kafka: Settings, start: Start, home: Home, tmp_path: Path
) -> None:
    settings = with_own_topics(kafka, "chaos-broker")
    with publishing(settings, tmp_path, 2) as traffic:
        wait_for(traffic, 200)
        try:
            signals.kill(home, "kafka")
            before = noted(traffic)
        finally:
            start("kafka")  # others need it
        wait_for(traffic, before + 200)
        traffic.stop()
    assert problems(settings, traffic) == []
