"""Feedback on its way: from the topic to Postgres, by a job of its own."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from risk.config.settings import Settings
from risk.engine.feedback import Logged, build
from risk.ops import jobs
from risk.ops.feedback.send import send
from risk.stack.process import Home
from sinks import feedback
from sinks.postgres.migrations import migrate
from tests.databases import own_database
from tests.pipeline import until, with_own_topics
from tests.topics import Sent, count, lag, read
from tests.topics import send as produce

ERRORS = "__connect.errors."
NOON = 1_740_830_400_000
GROUP = "feedback-apart"


@pytest.fixture
def apart(kafka: Settings, postgres: Settings, flink: Settings) -> Iterator[Settings]:
    """Topics and a database of its own: later tests compare what all share with their topic."""
    with own_database(flink) as settings:
        migrate(settings)
        yield with_own_topics(settings, "feedback-apart")


def test_a_verdict_comes_to_postgres_and_poison_to_the_dead_letters(
    apart: Settings, home: Home
) -> None:
    topic = apart.topics.feedback
    said = [
        build((f"fb-{n}", f"fb-u{n % 3}", NOON), "fraud", "chargeback", NOON + n, "bank")
        for n in range(50)
    ]
    poison = {
        b"poison-1": b"not JSON",
        b"poison-2": b'{"verdict": "fraud"}',
        b"poison-3": msgspec.json.encode(said[0]),  # of another user
    }
    assert send(apart, said[:30]) == 30
    produce(apart, topic, [Sent(key, value) for key, value in poison.items()])
    produce(apart, topic, [Sent(b"tombstone", None)])
    jobs.fresh_slots(apart, home)
    job = jobs.submit(
        apart, home, "deliver.py", ["--store", "feedback", "--group", GROUP, "--start", "earliest"]
    )
    try:
        jobs.wait_running(apart, job)
        assert send(apart, said) == 50  # of these, 30 a second time

        def held() -> list[Logged]:
            return list(feedback.recall(apart))

        until(lambda: len(held()) == len(said), "all verdicts in Postgres")
        until(lambda: lag(apart, GROUP, topic) == 0, "all feedback is committed")
        assert sorted(one.feedback.key for one in held()) == sorted(one.key for one in said)
        until(lambda: count(apart, apart.topics.dlq) >= len(poison), "the poison put aside")
        letters = {message.key(): message for message in read(apart, apart.topics.dlq)}
        assert {key: message.value() for key, message in letters.items()} == poison
        for message in letters.values():
            headers = dict(message.headers() or ())
            assert headers[ERRORS + "stage"] == b"deliver.feedback"
            assert headers[ERRORS + "topic"] == topic.encode()
            assert headers[ERRORS + "exception.class.name"] == b"invalid_message"
        told = dict(letters[b"poison-3"].headers() or ())[ERRORS + "exception.message"]
        assert b"key is not the user_id" in told
    finally:
        jobs.cancel(apart, job)
