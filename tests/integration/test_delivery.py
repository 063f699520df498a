"""Delivery: a store that is away stalls only itself; a poison message stops nothing."""

from __future__ import annotations

import msgspec
import pytest

from risk.config.names import delivery_group
from risk.config.settings import Settings
from risk.ops import jobs
from risk.stack.process import Home
from risk.stack.up import down, up
from sinks import registry
from tests.contract.messages import late, score
from tests.pipeline import Pipeline, until, with_own_topics
from tests.topics import Sent, count, lag, read, send

ERRORS = "__connect.errors."
LATE_POISON = b"late-poison"


def quiet(line: str) -> None:
    pass


@pytest.mark.parametrize("store", ["postgres"])
def test_a_store_that_is_away_catches_up_by_itself(pipeline: Pipeline, store: str) -> None:
    settings, home = pipeline.settings, pipeline.home
    others = [other for other in registry.names() if other != store]
    group, scores = delivery_group(store), settings.topics.scores
    down(settings, home, [store], quiet)
    try:
        pipeline.publish(pipeline.stream(rate=200, duration_s=5))
        report = pipeline.verify(others)
        assert report.mismatches == 0, report.first
        behind = lag(settings, group, scores)
        assert behind > 0
        pipeline.publish(pipeline.stream(rate=200, duration_s=5))
        report = pipeline.verify(others)
        assert report.mismatches == 0, report.first
        assert lag(settings, group, scores) > behind
        until(
            lambda: all(lag(settings, delivery_group(other), scores) == 0 for other in others),
            "the others have taken all",
        )
    finally:
        up(settings, home, [store], quiet)
    report = pipeline.verify()
    assert report.mismatches == 0, report.first
    until(lambda: lag(settings, group, scores) == 0, f"{store} has taken all")
    until(lambda: pipeline.runs(store), f"{store}'s job runs")


@pytest.fixture(scope="module")
def poisoned(pipeline: Pipeline) -> Settings:
    """Topics of their own."""
    return with_own_topics(pipeline.settings, "poison")


def test_a_poison_message_is_put_aside(poisoned: Settings, home: Home, pipeline: Pipeline) -> None:
    ruleset = (f"poisoned_{pipeline.moment()}", 1)
    good = [score(f"good-{n}", ruleset=ruleset, user_id=f"u{n}") for n in range(20)]
    poison = [
        b"not JSON",
        b'{"event_id": "of another kind"}',
        b"\xff\x00\xfe",
        b"",
        msgspec.json.encode(score("bad-type", ruleset=ruleset)).replace(
            b'"score":0', b'"score":"x"'
        ),
        msgspec.json.encode(score("bad-score", ruleset=ruleset)).replace(
            b'"score":0', b'"score":99999'
        ),
        msgspec.json.encode(score("bad-revision", ruleset=ruleset, revision=70_000)),
        b"\xff" * 2_097_000,  # nearly all that a record may have
    ]
    jobs.fresh_slots(poisoned, home)
    job = jobs.submit(poisoned, home, "deliver.py", ["--store", "postgres", "--group", "poison"])
    try:
        jobs.wait_running(poisoned, job)
        records = [Sent(one.user_id.encode(), msgspec.json.encode(one)) for one in good]
        for number, value in enumerate(poison):
            records.insert(3 * number, Sent(b"poison-%d" % number, value))
        records.insert(7, Sent(b"tombstone", None))  # it says nothing, and is passed over
        send(poisoned, poisoned.topics.scores, records)
        straggler = late("late-1")
        send(
            poisoned,
            poisoned.topics.late,
            [
                Sent(straggler.user_id.encode(), msgspec.json.encode(straggler)),
                Sent(LATE_POISON, b"not late"),
            ],
        )
        scan = registry.load("postgres").scan
        until(lambda: len(list(scan(poisoned, *ruleset))) == len(good), "all good ones delivered")
        until(lambda: count(poisoned, poisoned.topics.dlq) > len(poison), "the poison put aside")
        until(lambda: lag(poisoned, "poison", poisoned.topics.scores) == 0, "all is committed")
        assert {row.event_id for row in scan(poisoned, *ruleset)} == {s.event_id for s in good}
        topics = poisoned.topics
        letters = read(poisoned, topics.dlq)
        wanted: dict[bytes, bytes | None]
        wanted = {b"poison-%d" % number: value for number, value in enumerate(poison)}
        wanted[LATE_POISON] = b"not late"
        wanted[b"poison-%d" % (len(poison) - 1)] = None  # its letter tells its size instead
        assert {message.key(): message.value() for message in letters} == wanted
        for message in letters:
            found = dict(message.headers())
            assert found[ERRORS + "stage"] == b"deliver.postgres"
            topic = topics.late if message.key() == LATE_POISON else topics.scores
            assert found[ERRORS + "topic"] == topic.encode()
            large = found.get("risk.value.size") == b"2097000"
            reason = b"too_large" if large else b"invalid_message"
            assert found[ERRORS + "exception.class.name"] == reason
            assert found[ERRORS + "exception.message"]
        assert pipeline.restarts(job) == 0
    finally:
        jobs.cancel(poisoned, job)
