"""A scoring job never begins without what another has learned, unless told."""

from __future__ import annotations

import pytest
from confluent_kafka import Consumer, TopicPartition

from risk.config.settings import Settings
from risk.kafka.client import client_config
from risk.kafka.groups import committed
from risk.ops.restore import NotRestored, check_first
from risk.stack.process import Home
from tests.pipeline import Pipeline, risk, until, with_own_topics
from tests.topics import Sent, send

GROUP = "began-before"


def test_after_another_it_is_refused(kafka: Settings, home: Home) -> None:
    own = with_own_topics(kafka, "began")
    check_first(own, home, GROUP)  # the first one there is

    send(own, own.topics.transactions, [Sent(b"user", b"{}")])
    check_first(own, home, GROUP)  # there is something to score, and nobody has

    topic = own.topics.transactions
    consumer = Consumer({**client_config(own.kafka), "group.id": GROUP})
    consumer.commit(offsets=[TopicPartition(topic, 0, 1)], asynchronous=False)
    consumer.close()
    with pytest.raises(NotRestored, match=rf"^group {GROUP} has read {topic} up to 1 records, and"):
        check_first(own, home, GROUP)

    send(own, own.topics.scores, [Sent(b"user", b"{}")])
    with pytest.raises(NotRestored) as refused:
        check_first(own, home, "of another ruleset")
    assert str(refused.value) == (
        f"{own.topics.scores} has had 1 records, and no checkpoint of the last scoring job is in "
        f"{home.path}/flink/checkpoints: without it all is scored, and alerts go out, again: name "
        "one with `--from score=PATH`"
    )


def test_risk_submit_score_is_refused_too(pipeline: Pipeline) -> None:
    pipeline.publish(pipeline.stream(rate=50, duration_s=1))
    settings = pipeline.settings
    group, topic = "risk-score-default", settings.topics.transactions
    until(lambda: sum(committed(settings, group, topic).values()) > 0, "offsets are committed")
    done = risk(pipeline.settings, "submit", "score")
    assert done.returncode == 2
    line = done.stderr.splitlines()[-1]
    assert line.startswith("risk: group risk-score-default has read risk.transactions up to ")
    assert "`risk submit all` goes on from its last checkpoint" in line
    done = risk(pipeline.settings, "submit", "all", "--from", "score=/a")
    assert done.returncode == 2
    assert "runs already" in done.stderr
