"""A group on a real broker: it waits, stands still, moves; a marker is no record that waits."""

from __future__ import annotations

import time
from contextlib import closing

import msgspec
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from risk.config.settings import Settings
from risk.kafka.answers import answered
from risk.kafka.client import client_config
from risk.kafka.group_offsets import GroupOffsets
from risk.kafka.topics import create_topics
from risk.ops.lags import Lags
from risk.waiting import until
from tests.topics import Sent, send

pytestmark = pytest.mark.stack


@pytest.fixture
def own(kafka: Settings) -> Settings:
    mark = f"l{time.time_ns():x}"
    names = {field: f"{mark}.{field}" for field in msgspec.structs.asdict(kafka.topics)}
    settings = msgspec.structs.replace(kafka, topics=msgspec.convert(names, type(kafka.topics)))
    create_topics(settings, settings.kafka.servers)
    return settings


def test_a_group_that_waits_moves_and_is_done(own: Settings) -> None:
    topic, group, lags = own.topics.transactions, f"risk-{time.time_ns():x}", Lags(own)
    consumer = Consumer({**client_config(own.kafka), "group.id": group})

    def commit(offset: int) -> None:
        consumer.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)

    send(own, topic, [Sent(b"u", b"x")] * 5, partition=0)
    assert lags.look(group, [topic]) == (0, 0.0)  # there is no such group yet
    commit(2)
    assert lags.look(group, [topic]) == (3, None)
    assert until(lambda: (lags.look(group, [topic])[1] or 0) > 0, 10)
    commit(3)
    assert lags.look(group, [topic]) == (2, 0.0)
    commit(5)
    assert lags.look(group, [topic]) == (0, 0.0)
    producer = Producer({**client_config(own.kafka), "transactional.id": group})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, b"x", b"u", 0)
    producer.commit_transaction(30)
    commit(6)  # what is left has an offset, and is no record; the broker writes it in its own time
    assert until(lambda: lags.look(group, [topic])[0] == 1, 10)
    assert until(lambda: lags.look(group, [topic]) == (0, 0.0), 10)
    consumer.close()


def test_groups_are_asked_together_again_and_again(own: Settings) -> None:
    topic, mark = own.topics.transactions, f"risk-{time.time_ns():x}"
    groups, places = [f"{mark}-{number}" for number in range(3)], [(topic, 0), (topic, 1)]
    for number, group in enumerate(groups[:2]):
        consumer = Consumer({**client_config(own.kafka), "group.id": group})
        consumer.commit(offsets=[TopicPartition(topic, 0, number)], asynchronous=False)
        consumer.close()
    wanted = {groups[0]: {(topic, 0): 0}, groups[1]: {(topic, 0): 1}, groups[2]: {}}
    with closing(GroupOffsets(own.kafka)) as known:
        for _ in range(2):
            assert answered(lambda: known.committed(groups, places, 10)) == wanted
        known.keep(groups[1:])
        assert known.committed(groups[1:], places, 10) == {g: wanted[g] for g in groups[1:]}
        assert known.committed(groups, [], 10) == {group: {} for group in groups}
