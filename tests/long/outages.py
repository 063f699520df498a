"""Servers that are away for a while: stopped and continued, or killed and started again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from risk.stack import flink, kafka_nodes, signals, zookeeper
from risk.stack.process import recorded
from risk.stack.up import up
from sinks import registry
from tests.long.health import PROMPT_S, Row, Sound

RATE = 20.0  # events/s meanwhile
Way = Literal["stop", "kill"]


class Server(NamedTuple):
    """What is to be away. `job` is the one whose TaskManager it is.

    `scores` says whether payments are decided without it.
    """

    name: str
    scores: bool
    job: str | None = None


def servers(sound: Sound) -> list[Server]:
    """Each broker, each store, each job's TaskManager, the JobManager, ZooKeeper."""
    brokers = [n for n in recorded(sound.home) if n.partition("-")[0] == kafka_nodes.NAME]
    return [
        *(Server(name, False) for name in brokers),
        *(Server(name, True) for name in registry.names()),
        *(Server(f"TaskManager of {job}", job != "score", job) for job in sound.pipeline.jobs),
        Server(flink.NAME, False),
        Server(zookeeper.NAME, False),
    ]


def outage(sound: Sound, row: Row, server: Server, way: Way, seconds: float) -> None:
    """With traffic going on; a probe in the middle where that has to be decided."""
    name = (
        sound.pipeline.taskmanager(sound.pipeline.jobs[server.job]) if server.job else server.name
    )
    kafka = name.startswith(kafka_nodes.NAME)
    with sound.traffic(RATE, exact=not kafka):
        time.sleep(5)
        with signals.frozen(sound.home, name) if way == "stop" else _killed(sound, name):
            begun = time.monotonic()
            time.sleep(seconds / 2)
            latency = None
            if server.scores:
                latency = sound.probe.once(30.0)
                row.meanwhile_ms = None if latency is None else latency * 1_000
            time.sleep(max(0.0, seconds - (time.monotonic() - begun)))
        if server.scores:
            assert latency is not None, "the probe was not decided meanwhile"
            assert latency <= PROMPT_S, f"the probe was decided after {latency:.2f} s meanwhile"
        time.sleep(5)


@contextmanager
def _killed(sound: Sound, name: str) -> Iterator[None]:
    """All of a server's processes die. Flink's come back by themselves, and soon."""
    signals.kill(sound.home, name)
    try:
        yield
    finally:
        kind = kafka_nodes.NAME if name.startswith(kafka_nodes.NAME) else name
        if kind in (kafka_nodes.NAME, *registry.names()):
            up(sound.settings, sound.home, [kind], lambda _: None)
