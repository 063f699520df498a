"""risk.control as jobs and operations use it: in one order, and all of it kept."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.engine.takeover.said import Said
from risk.kafka.client import client_config
from risk.kafka.control_log import ControlLog
from risk.kafka.scan import offsets
from risk.ops.agreement import agreement
from tests.pipeline import until, with_own_topics
from tests.topics import Sent, send

pytestmark = pytest.mark.stack
NEW, OLD = "live-new", "live-old"


@pytest.fixture
def apart(kafka: Settings) -> Settings:
    """Topics of a test's own."""
    return with_own_topics(kafka, f"control-{time.time_ns():x}")


@pytest.fixture
def log(apart: Settings) -> Iterator[ControlLog]:
    found = ControlLog(apart)
    yield found
    found.close()


def test_what_is_said_is_heard_in_its_order(apart: Settings, log: ControlLog) -> None:
    assert list(log.all()) == []
    other = ControlLog(apart)
    said = [Said("told", NEW, OLD, at=n) for n in range(5)]
    assert [other.say(one) for one in said] == list(range(5))
    send(apart, apart.topics.control, [Sent(b"x", b"no message"), Sent(b"x", None)])
    heard = list(other.all())
    other.close()
    assert [one.said for one in heard] == said
    assert [one.appended for one in heard] == sorted(one.appended for one in heard)
    mine: list[Said] = []

    def all_heard() -> bool:
        mine.extend(one.said for one in log.new(0.1))
        return len(mine) >= len(said)

    until(all_heard, "it is heard")
    assert mine == said


def test_the_topic_keeps_everything_in_one_partition(apart: Settings) -> None:
    assert list(offsets(apart, apart.topics.control)) == [0]
    asked = ConfigResource(ResourceType.TOPIC, apart.topics.control)
    admin = AdminClient(client_config(apart.kafka))
    found = admin.describe_configs([asked])[asked].result(20)
    assert found["retention.ms"].value == "-1"
    assert found["message.timestamp.type"].value == "LogAppendTime"


def test_a_topic_that_is_not_there_says_nothing(kafka: Settings) -> None:
    nowhere = replace(kafka, topics=replace(kafka.topics, control="nowhere.control"))
    log = ControlLog(nowhere)
    assert list(log.all()) == []
    assert list(log.new()) == []
    log.close()


def test_an_operation_offers_once_and_calls_off_until_it_is_promised(
    apart: Settings, log: ControlLog
) -> None:
    with agreement(apart, NEW) as agreed:
        found = agreed.offer(OLD)
        agreed.propose()
        agreed.wait(lambda: found.proposed, 30, "it is proposed")
        assert found.proposed is not None
        log.say(Said("promised", NEW, OLD, at=found.proposed))
        assert not agreed.call_off()
        assert found.at == found.proposed
    with agreement(apart, NEW) as again:
        assert again.offer(OLD).at == found.at
    with agreement(apart, "live-third") as third:
        third.offer(OLD)
        assert third.call_off()
