"""Who asks how far groups are outlives a broker that is killed and started again, and asks on."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaException, TopicPartition
from msgspec.structs import replace

from risk.config.settings import Kafka, Settings
from risk.kafka.client import client_config
from risk.kafka.group_offsets import GroupOffsets
from risk.stack.process import Home, alive
from risk.stack.up import down, up
from risk.waiting import until
from tests.integration.test_stack import free_ports, quiet

GROUPS = [f"risk-group-{number}" for number in range(4)]
KILLS = 4
TIMEOUT_S = 2.0


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Iterator[tuple[Settings, Home]]:
    """A broker of this test's own."""
    first = free_ports(2)
    kafka = replace(settings.kafka, port=first, controller_port=first + 1)
    found, home = replace(settings, kafka=kafka), Home(tmp_path / "data")
    try:
        up(found, home, ["kafka"], quiet)
        yield found, home
    finally:
        down(found, home, ["kafka"], quiet)


def ask(kafka: Kafka, topic: str, wanted: dict[str, int], told: Event, enough: Event) -> None:
    """Ask until it is enough, and say whenever all is as wanted. In a process of its own, as what
    goes wrong here may end it.
    """
    known = GroupOffsets(kafka)
    while not enough.is_set():
        try:
            found = known.committed(GROUPS, [(topic, 0)], TIMEOUT_S)
        except KafkaException:
            continue
        if {group: places[topic, 0] for group, places in found.items()} == wanted:
            told.set()


def test_a_broker_that_is_killed_ends_nobody(own: tuple[Settings, Home]) -> None:
    settings, home = own
    topic = settings.topics.transactions
    wanted = {group: number for number, group in enumerate(GROUPS)}
    for group, offset in wanted.items():
        consumer = Consumer({**client_config(settings.kafka), "group.id": group})
        consumer.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)
        consumer.close()
    spawn = multiprocessing.get_context("spawn")
    told, enough = spawn.Event(), spawn.Event()
    asking = [
        spawn.Process(target=ask, args=(settings.kafka, topic, wanted, told, enough))
        for _ in range(2)
    ]
    for process in asking:
        process.start()
    try:
        for _ in range(KILLS):
            assert until(told.is_set, 60)
            pid = alive(home, "kafka")
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            assert until(lambda: alive(home, "kafka") is None, 30)
            told.clear()
            up(settings, home, ["kafka"], quiet)
        assert until(told.is_set, 60)
    finally:
        enough.set()
        for process in asking:
            process.join(60)
    assert [process.exitcode for process in asking] == [0, 0]
