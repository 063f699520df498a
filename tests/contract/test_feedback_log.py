"""risk.feedback as scoring reads it: all of it once, whatever the broker tells in time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions

from flink_jobs.late_verdicts import recorded
from flink_jobs.letters import CONNECT, FAILED, LATE_VERDICT
from risk.config.settings import Settings
from risk.engine.feedback import Feedback, build, encode
from risk.kafka import feedback_log
from risk.kafka.client import client_config
from risk.kafka.feedback_log import FeedbackLog
from risk.kafka.topics import delete_topics, existing_topics
from tests.pipeline import until, with_own_topics
from tests.topics import Sent, send

pytestmark = pytest.mark.stack
NOON = 1_740_830_400_000


@pytest.fixture
def apart(kafka: Settings) -> Settings:
    """Topics of a test's own."""
    return with_own_topics(kafka, f"feedback-log-{time.time_ns():x}")


@pytest.fixture
def log(apart: Settings) -> Iterator[FeedbackLog]:
    found = FeedbackLog(apart)
    yield found
    found.close()


def verdicts(first: int, count: int) -> list[Feedback]:
    return [
        build((f"e{n}", f"user-{n}", NOON), "fraud", "analyst", NOON + n, "ana")
        for n in range(first, first + count)
    ]


def say(settings: Settings, said: Sequence[Feedback]) -> None:
    records = [Sent(one.user_id.encode(), encode(one)) for one in said]
    send(settings, settings.topics.feedback, records)


def keys(said: Sequence[Feedback]) -> list[str]:
    return sorted(one.key for one in said)


def test_all_of_it_first_and_then_what_is_new(apart: Settings, log: FeedbackLog) -> None:
    assert list(log.all()) == []
    say(apart, verdicts(0, 30))
    send(apart, apart.topics.feedback, [Sent(b"user-1", b"no feedback"), Sent(b"user-1", None)])
    found = log.new()
    assert found.whole
    assert keys([one.feedback for one in found.logged]) == keys(verdicts(0, 30))
    assert log.new() == ([], True)
    assert keys([one.feedback for one in log.all()]) == keys(verdicts(0, 30))


def test_a_topic_that_has_gone_is_not_read_to_its_end(apart: Settings, log: FeedbackLog) -> None:
    say(apart, verdicts(0, 30))
    assert len(list(log.all())) == 30
    delete_topics(apart, [apart.topics.feedback])
    until(lambda: apart.topics.feedback not in existing_topics(apart), "the topic has gone")
    assert log.new() == ([], False)


def test_nothing_is_lost_that_the_broker_does_not_tell_in_time(
    apart: Settings, log: FeedbackLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(log.all())
    said = verdicts(0, 3_000)
    say(apart, said)
    found, cut_off = [], 0
    for wait_s in (0.02, 0.05, 0.1, 0.2, 0.5, 30.0):
        monkeypatch.setattr(feedback_log, "POLL_S", wait_s)
        news = log.new()
        found += [one.feedback for one in news.logged]
        cut_off += not news.whole
    assert news.whole
    assert cut_off
    assert keys(found) == keys(said)


def test_partitions_that_are_added_are_read_from_their_first_record(
    apart: Settings, log: FeedbackLog
) -> None:
    list(log.all())
    admin = AdminClient(client_config(apart.kafka))
    topic, count = apart.topics.feedback, apart.kafka.partitions + 2
    for future in admin.create_partitions([NewPartitions(topic, count)]).values():
        future.result()
    until(
        lambda: len(admin.list_topics(topic, timeout=10).topics[topic].partitions) == count,
        "the partitions are there",
    )
    said = verdicts(0, 60)
    say(apart, said)
    found = log.new().logged
    assert {one.partition for one in found} > set(range(apart.kafka.partitions))
    assert keys([one.feedback for one in found]) == keys(said)


def test_late_verdicts_are_recorded_in_the_dead_letters(apart: Settings) -> None:
    def letter(topic: str, reason: str, stage: str, partition: str, offset: str) -> None:
        told = {
            "topic": topic,
            "exception.class.name": reason,
            "stage": stage,
            "partition": partition,
            "offset": offset,
        }
        headers = {CONNECT + name: text.encode() for name, text in told.items()}
        send(apart, apart.topics.dlq, [Sent(b"u", b"{}")], headers=headers)

    assert recorded(apart) == set()
    topic = apart.topics.feedback
    letter(topic, LATE_VERDICT, FAILED, "2", "17")
    letter(topic, LATE_VERDICT, FAILED, "2", "x")
    letter(topic, LATE_VERDICT, "deliver.feedback", "1", "5")
    letter(topic, "invalid_message", "deliver.feedback", "1", "6")
    letter(apart.topics.transactions, LATE_VERDICT, FAILED, "1", "7")
    send(apart, apart.topics.dlq, [Sent(b"u", b"no headers")])
    assert recorded(apart) == {(2, 17)}
