"""Where records end, on a broker: transactions leave offsets without a record."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from risk.config.settings import Settings
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.ingest import Ingest
from risk.errors import UserError
from risk.kafka import groups
from risk.kafka.client import client_config
from risk.kafka.ranges import resolve
from risk.kafka.readable import nothing_left, reader, record_end
from risk.kafka.scan import offsets, read_all
from risk.kafka.topic import TopicFault, check_same, look
from risk.kafka.topic_watch import TopicWatch
from risk.kafka.topics import delete_topics
from tests.topics import Sent, configure, send
from tests.unit.streams import reading

pytestmark = pytest.mark.stack


@pytest.fixture
def topic(kafka: Settings) -> str:
    """A topic of one partition."""
    name = f"readable-{time.time_ns():x}"
    made(kafka, name)
    return name


def made(kafka: Settings, name: str) -> None:
    admin = AdminClient(client_config(kafka.kafka))
    as_ours = {"message.timestamp.type": "LogAppendTime", "compression.type": "uncompressed"}
    admin.create_topics([NewTopic(name, 1, 1, config=as_ours)])[name].result(20)


@pytest.fixture
def consumer(kafka: Settings) -> Iterator[Consumer]:
    found = reader(kafka.kafka, "readable")
    yield found
    found.close()


def transact(kafka: Settings, topic: str, count: int, commit: bool = True) -> None:
    """A transaction of so many records."""
    producer = Producer({**client_config(kafka.kafka), "transactional.id": topic})
    producer.init_transactions(20)
    producer.begin_transaction()
    for number in range(count):
        producer.produce(topic, str(number).encode(), partition=0)
    producer.flush(20)
    (producer.commit_transaction if commit else producer.abort_transaction)(20)


def test_markers_and_what_was_aborted_are_no_records(
    kafka: Settings, topic: str, consumer: Consumer
) -> None:
    transact(kafka, topic, 3)  # offsets 0 to 2, its marker 3
    transact(kafka, topic, 200, commit=False)  # 4 to 203, 204
    assert offsets(kafka, topic) == {0: (0, 205)}
    assert record_end(consumer, topic, 0, 0, 205) == 3
    assert record_end(consumer, topic, 0, 0, 2) == 2  # that of a part of it
    assert not nothing_left(consumer, topic, 0, 2, 205)
    assert nothing_left(consumer, topic, 0, 3, 205)
    assert nothing_left(consumer, topic, 0, 205, 205)
    assert len(list(read_all(kafka, topic))) == 3
    # What waits for all records waits for no more than these,
    assert groups.ends(kafka, topic) == {0: 3}
    # and a bounded run ends behind the last that there is.
    bounded = resolve(kafka.kafka, topic, "readable", "earliest", "latest")
    assert (bounded.end, bounded.high) == ({0: 3}, {0: 3})
    assert resolve(kafka.kafka, topic, "readable", "earliest", None).high == {0: 205}
    transact(kafka, topic, 1)
    assert not nothing_left(consumer, topic, 0, 3, 207)
    assert record_end(consumer, topic, 0, 0, 207) == 206
    admin = AdminClient(client_config(kafka.kafka))
    for low, left in ((2, True), (206, False)):  # the marker at 206 is all there is
        cut = TopicPartition(topic, 0, low)
        admin.delete_records([cut])[cut].result(20)
        assert nothing_left(consumer, topic, 0, 0, 207) is not left


def test_a_topic_without_any_record(kafka: Settings, topic: str, consumer: Consumer) -> None:
    assert record_end(consumer, topic, 0, 0, 0) == 0
    assert groups.ends(kafka, topic) == {}
    transact(kafka, topic, 2, commit=False)
    assert record_end(consumer, topic, 0, 0, 3) == 0
    assert nothing_left(consumer, topic, 0, 0, 3)


def commit(kafka: Settings, group: str, topic: str, offset: int) -> None:
    own = {**client_config(kafka.kafka), "group.id": group, "enable.auto.commit": False}
    consumer = Consumer(own)
    consumer.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)
    consumer.close()


def test_what_was_deleted_before_it_was_read_is_named(kafka: Settings, topic: str) -> None:
    send(kafka, topic, [Sent(b"u", b"{}")] * 600)
    commit(kafka, f"of-{topic}", topic, 100)
    assert resolve(kafka.kafka, topic, f"of-{topic}", "group", None).warnings == ()
    admin = AdminClient(client_config(kafka.kafka))
    cut = TopicPartition(topic, 0, 600)
    admin.delete_records([cut])[cut].result(20)
    found = resolve(kafka.kafka, topic, f"of-{topic}", "group", None)
    (warning,) = found.warnings
    assert warning.startswith(f"topic {topic} partition 0: offsets 100 to 599 were deleted before ")
    assert "500" in warning
    assert resolve(kafka.kafka, topic, "another", "group", None).warnings == ()


def test_a_topic_that_was_made_again_is_refused(kafka: Settings, topic: str) -> None:
    """Its offsets are others: those before what the group has committed would be left out."""
    send(kafka, topic, [Sent(b"u", b"{}")] * 600)
    group = f"of-{topic}"
    commit(kafka, group, topic, 600)
    store = MemoryStore()
    before = look(kafka.kafka, topic)
    check_same(store, before, topic)
    check_same(store, before, topic)
    watch = TopicWatch(kafka.kafka, topic, lambda _: None)
    watch.begin(Ingest(MemoryStore(), reading(starts={0: 600})), MemoryStore())
    delete_topics(kafka, [topic])
    made(kafka, topic)
    send(kafka, topic, [Sent(b"u", b"{}")] * 20)
    # The broker forgets a group's offsets with the topic; a job that still runs commits them again.
    commit(kafka, group, topic, 600)
    with pytest.raises(UserError, match="`risk submit all --anew`") as refused:
        resolve(kafka.kafka, topic, group, "group", None)
    said = f"topic {topic} partition 0 ends at 20, but group {group} has "
    assert str(refused.value).startswith(said)
    assert resolve(kafka.kafka, topic, group, "earliest", None).start == {0: 0}
    with pytest.raises(TopicFault, match=r"deleted and made again.*--anew"):
        check_same(store, look(kafka.kafka, topic), topic)
    with pytest.raises(TopicFault, match="deleted and made again"):
        tick_for(watch, 20)


def tick_for(watch: TopicWatch, seconds: float) -> None:
    """As an operator does, faster."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        watch.tick()
        time.sleep(0.02)


def test_the_producers_times_are_refused(kafka: Settings, topic: str) -> None:
    """At submission, and by a job that starts."""
    admin = AdminClient(client_config(kafka.kafka))
    configure(admin, topic, "message.timestamp.type", "CreateTime")
    told = f"topic {topic}: message.timestamp.type is CreateTime: "
    with pytest.raises(UserError, match=re.escape(told)):
        resolve(kafka.kafka, topic, "readable", "earliest", None)
    with pytest.raises(TopicFault, match=r"message\.timestamp\.type is CreateTime"):
        TopicWatch(kafka.kafka, topic, lambda _: None)
    configure(admin, topic, "message.timestamp.type", "LogAppendTime")
    configure(admin, topic, "compression.type", "producer")
    (warning,) = resolve(kafka.kafka, topic, "readable", "earliest", None).warnings
    assert "compression.type=uncompressed" in warning


def test_offsets_that_are_left_out_are_lost_or_no_records(kafka: Settings, topic: str) -> None:
    send(kafka, topic, [Sent(b"u", b"{}")] * 100)
    lost: list[int] = []
    watch = TopicWatch(kafka.kafka, topic, lost.append)
    ingest = Ingest(MemoryStore(), reading(starts={0: 10}))
    watch.begin(ingest, MemoryStore())

    def heard(*numbers: int) -> list[int]:
        raws = [Raw(0, number, 0, b"u", b"{}") for number in numbers]
        ingest.on_batch(raws)
        watch.heard(raws)
        watch.tick()
        found, lost[:] = list(lost), []
        return found

    assert heard(10, 11) == []
    assert heard(13, 15) == []  # the topic begins before: what is between was no record
    admin = AdminClient(client_config(kafka.kafka))
    cut = TopicPartition(topic, 0, 40)
    admin.delete_records([cut])[cut].result(20)
    assert heard(40, 41) == [24]
    assert heard(50, 51) == []
    watch.close()
