"""Three brokers: nothing that was acknowledged is lost when one of them is killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType
from msgspec.structs import astuple, replace

from risk.config.settings import Settings
from risk.errors import StackError
from risk.stack.process import Home, alive
from risk.stack.up import down, status, up
from tests.integration.test_stack import free_ports, of_this_home, quiet

BROKERS = 3
WAIT_S = 60.0


@pytest.fixture(scope="module")
def cluster(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Home]]:
    """Three brokers of this module's own."""
    first = free_ports(2 * BROKERS)
    own = replace(
        settings,
        kafka=replace(
            settings.kafka, brokers=BROKERS, port=first, controller_port=first + 1, heap_mb=256
        ),
    )
    home = Home(tmp_path_factory.mktemp("cluster") / "data")
    try:
        up(own, home, ["kafka"], quiet)
        yield own, home
    finally:
        down(own, home, ["kafka"], quiet)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def leaders(settings: Settings, topic: str) -> dict[int, int]:
    """Each partition's leader, by its node's id; -1 while there is none."""
    admin = AdminClient({"bootstrap.servers": settings.kafka.servers})
    found = admin.list_topics(topic, timeout=10).topics[topic].partitions
    return {number: partition.leader for number, partition in found.items()}


def values(settings: Settings, topic: str) -> list[bytes]:
    """Every value of a topic, as a consumer that starts now finds them."""
    consumer = Consumer(
        {
            "bootstrap.servers": settings.kafka.servers,
            "group.id": f"read-{time.time_ns()}",
            "enable.partition.eof": True,
            "enable.auto.commit": False,
        }
    )
    partitions = set(leaders(settings, topic))
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    found: list[bytes] = []
    deadline = time.monotonic() + WAIT_S
    while partitions:
        assert time.monotonic() < deadline, f"partitions {partitions} don't end"
        message: Message | None = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            partitions.discard(message.partition())
        else:
            found.append(message.value())
    consumer.close()
    return found


def test_every_topic_is_on_three_brokers_and_two_must_have_a_record(
    cluster: tuple[Settings, Home],
) -> None:
    settings, _ = cluster
    admin = AdminClient({"bootstrap.servers": settings.kafka.servers})
    found = admin.list_topics(timeout=10)
    assert sorted(found.brokers) == [1, 2, 3]
    for name in astuple(settings.topics):
        for partition in found.topics[name].partitions.values():
            assert sorted(partition.replicas) == [1, 2, 3]
    resource = ConfigResource(ResourceType.TOPIC, settings.topics.scores)
    (future,) = admin.describe_configs([resource]).values()
    assert future.result()["min.insync.replicas"].value == "2"


def test_the_folder_settles_how_many_there_are(cluster: tuple[Settings, Home]) -> None:
    settings, home = cluster
    default = replace(settings, kafka=replace(settings.kafka, brokers=1))
    (found,) = status(default, home, ["kafka"])
    assert (found.state, found.address) == ("up", settings.kafka.servers)
    five = replace(settings, kafka=replace(settings.kafka, brokers=5))
    with pytest.raises(StackError, match="was made for 3, not 5"):
        up(five, home, ["kafka"], quiet)


def test_nothing_acknowledged_is_lost_when_a_broker_is_killed(
    cluster: tuple[Settings, Home],
) -> None:
    settings, home = cluster
    topic = settings.topics.scores
    before = leaders(settings, topic)
    victim = before[0]
    acknowledged: list[bytes] = []
    refused: list[object] = []

    def delivered(error: object, message: Message) -> None:
        if error is None:
            acknowledged.append(message.value())
        else:
            refused.append(error)

    producer = Producer(
        {
            "bootstrap.servers": settings.kafka.servers,
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 5,
        }
    )
    sent = 0

    def send(count: int) -> None:
        nonlocal sent
        for _ in range(count):
            producer.produce(topic, f"{sent:06}".encode(), on_delivery=delivered)
            sent += 1
            producer.poll(0)

    def moved() -> bool:
        send(100)
        producer.poll(0.05)
        now = leaders(settings, topic)
        return all(leader not in (victim, -1) for leader in now.values())

    send(2_000)
    until(lambda: producer.poll(0.05) >= 0 and len(acknowledged) > 500)
    send(2_000)  # some of them on their way when it dies
    pid = alive(home, f"kafka-{victim}")
    assert pid
    os.kill(pid, signal.SIGKILL)
    until(moved)  # a leader that is dead led partition 0; another one does now
    send(1_000)
    assert producer.flush(WAIT_S) == 0
    assert refused == []
    assert sorted(acknowledged) == [f"{n:06}".encode() for n in range(sent)]
    # Idempotence: what was sent again after the failure is there once.
    assert sorted(values(settings, topic)) == sorted(acknowledged)

    (found,) = status(settings, home, ["kafka"])
    assert found.problem == f"kafka-{victim} is down: `risk up` starts it"
    survivors = {n: alive(home, f"kafka-{n}") for n in range(1, 4) if n != victim}
    up(replace(settings, kafka=replace(settings.kafka, brokers=1)), home, ["kafka"], quiet)
    assert {n: alive(home, f"kafka-{n}") for n in survivors} == survivors
    assert alive(home, f"kafka-{victim}") not in (None, pid)
    (found,) = status(settings, home, ["kafka"])
    assert (found.state, found.problem) == ("up", None)  # all replicas are in sync again
    assert sorted(values(settings, topic)) == sorted(acknowledged)


def test_down_leaves_no_broker_and_up_finds_all_records(cluster: tuple[Settings, Home]) -> None:
    settings, home = cluster
    topic = settings.topics.scores
    before = sorted(values(settings, topic))
    down(settings, home, ["kafka"], quiet)
    assert of_this_home(home) == []
    assert [found.state for found in status(settings, home, ["kafka"])] == ["down"]
    up(settings, home, ["kafka"], quiet)
    assert sorted(values(settings, topic)) == before
