"""The scoring job: what it makes of a stream in which every outcome occurs."""

from __future__ import annotations

import itertools
import json
from typing import Any

import msgspec
import pytest
from confluent_kafka import Message
from jsonschema import Draft202012Validator, FormatChecker

from flink_jobs.version import CODE_VERSION
from generator.partition import partition
from risk.engine.payment.transaction import Transaction, encode
from risk.ops import jobs
from risk.paths import ROOT
from tests.pipeline import Pipeline, transaction
from tests.topics import Position, Sent, read, send

SECOND = 1_000
MINUTE = 60 * SECOND
ERRORS = "__connect.errors."


class Outputs:
    """What the job has written about the events that were sent."""

    def __init__(self, pipeline: Pipeline, positions: list[Position], ids: set[str]) -> None:
        settings, topics = pipeline.settings, pipeline.settings.topics
        self.scores = [m for m in read(settings, topics.scores) if body(m)["event_id"] in ids]
        self.alerts = [m for m in read(settings, topics.alerts) if body(m)["event_id"] in ids]
        self.late = [m for m in read(settings, topics.late) if body(m)["event_id"] in ids]
        self.dlq = [m for m in read(settings, topics.dlq) if position(m) in positions]

    def score(self, event_id: str) -> list[dict[str, Any]]:
        """An event's scores, by revision."""
        found = [body(m) for m in self.scores if body(m)["event_id"] == event_id]
        return sorted(found, key=lambda score: int(score["revision"]))


def body(message: Message) -> Any:
    return json.loads(message.value())


def headers(message: Message) -> dict[str, bytes]:
    return dict(message.headers() or ())


def position(message: Message) -> Position | None:
    found = headers(message)
    if ERRORS + "partition" not in found:
        return None
    return Position(int(found[ERRORS + "partition"]), int(found[ERRORS + "offset"]))


def record(txn: Transaction) -> Sent:
    return Sent(txn.user_id.encode(), encode(txn))


def valid(schema: str, messages: list[Message]) -> None:
    text = (ROOT / "schemas" / f"{schema}.json").read_text(encoding="utf-8")
    validator = Draft202012Validator(json.loads(text), format_checker=FormatChecker())
    for message in messages:
        validator.validate(body(message))


class Story:
    """A stream made by hand: each user's events are one outcome. Times are after `start`.

    All users are of one partition, so that none of them is silent while others go on: what comes of
    that is up to the machine's pace.
    """

    def __init__(self, start: int, partitions: int) -> None:
        self.start, self.partitions = start, partitions
        mark = f"h{start}"  # ids that no other run of this test has used
        self.calm = self._event(f"{mark}-calm", f"{mark}-anna", 0)
        self.tests = [
            self._event(f"{mark}-test{n}", f"{mark}-ben", n * SECOND, amount=100, merchant_id=m)
            for n, m in enumerate(("m1", "m2", "m3"))
        ]
        self.usual = [
            self._event(f"{mark}-usual{n}", f"{mark}-cleo", n * MINUTE // 4) for n in range(3)
        ]
        self.theft = self._event(
            f"{mark}-theft", f"{mark}-cleo", 45 * SECOND, amount=60_001, device_id=f"{mark}-other"
        )
        self.many = [
            self._event(f"{mark}-many{n}", f"{mark}-dora", (50 + n) * SECOND) for n in range(6)
        ]
        self.seventh = self._event(f"{mark}-seventh", f"{mark}-dora", 70 * SECOND)
        self.straggler = self._event(f"{mark}-straggler", f"{mark}-dora", 60 * SECOND)
        self.latest = self._event(f"{mark}-latest", f"{mark}-anna", 100 * SECOND)
        self.late = self._event(f"{mark}-late", f"{mark}-anna", 40 * SECOND)
        self.unkeyed = self._event(f"{mark}-unkeyed", f"{mark}-anna", 100 * SECOND)
        changed = msgspec.structs.replace(self.calm, amount=7)
        in_time = [*self.tests, *self.usual, self.theft, *self.many, self.seventh]
        in_time.sort(key=lambda txn: txn.event_time)
        self.records = [
            record(self.calm),
            record(self.calm),  # a duplicate
            record(changed),  # a duplicate that conflicts
            *map(record, in_time),
            record(self.straggler),
            record(self.latest),
            record(self.late),
            Sent(b"somebody", encode(self.unkeyed)),
        ]
        scored = [self.calm, *in_time, self.straggler, self.latest]
        self.scored = {txn.event_id for txn in scored}

    def _event(self, event_id: str, user: str, after_ms: int, **fields: Any) -> Transaction:
        names = (f"{user}{number}" for number in itertools.count())
        user_id = next(name for name in names if not partition(name.encode(), self.partitions))
        return transaction(event_id, user_id, self.start + after_ms, **fields)


@pytest.fixture(scope="module")
def story(pipeline: Pipeline) -> Story:
    return Story(pipeline.moment(2 * MINUTE), pipeline.settings.kafka.partitions)


@pytest.fixture(scope="module")
def outputs(pipeline: Pipeline, story: Story) -> Outputs:
    """What is there once everything agrees with the oracle."""
    topic = pipeline.settings.topics.transactions
    positions = send(pipeline.settings, topic, story.records)
    report = pipeline.verify()
    assert report.mismatches == 0, report.first
    return Outputs(
        pipeline, positions, story.scored | {story.late.event_id, story.unkeyed.event_id}
    )


def test_each_record_has_one_outcome(story: Story, outputs: Outputs) -> None:
    said = [body(m) for m in outputs.scores if body(m)["revision"] == 0]
    assert sorted(s["event_id"] for s in said if not s["late"]) == sorted(story.scored)
    assert [s["event_id"] for s in said if s["late"]] == [story.late.event_id]
    assert [body(m)["event_id"] for m in outputs.late] == [story.late.event_id]
    assert [m.value() for m in outputs.dlq] == [encode(story.unkeyed)]
    again = [body(m)["event_id"] for m in outputs.scores if body(m)["revision"] > 0]
    assert again == [story.seventh.event_id]


def test_an_ordinary_payment_is_allowed(story: Story, outputs: Outputs) -> None:
    (score,) = outputs.score(story.calm.event_id)
    assert (score["score"], score["decision"], score["reasons"]) == (0, "ALLOW", [])
    assert score["features"] == {
        "user_count_5m": 1,
        "user_amount_5m": 5_000,
        "user_merchants_5m": 1,
        "user_micro_5m": 0,
        "user_round_5m": 0,
        "user_distance_km": 0.0,
        "user_speed_kmh": 0.0,
        "user_new_device": False,
        "user_new_country": False,
        "user_history_count": 0,
        "user_amount_ratio": 0.0,
        "ip_count_2m": 1,
        "ip_users_2m": 1,
        "device_session_ms": 0,
        "device_session_events": 1,
        "device_session_users": 1,
    }
    assert score["transaction"]["card_token"] == "****6789"


def test_tested_cards_are_reviewed(story: Story, outputs: Outputs) -> None:
    decisions = [outputs.score(txn.event_id)[0]["decision"] for txn in story.tests]
    assert decisions == ["ALLOW", "ALLOW", "REVIEW"]
    (score,) = outputs.score(story.tests[-1].event_id)
    assert score["score"] == 70
    assert score["reasons"] == [
        {
            "rule": "card_testing",
            "version": 2,
            "points": 70,
            "text": "3 tiny payments at 3 merchants in 5 minutes",
        }
    ]


def test_a_stolen_account_is_blocked_and_told(story: Story, outputs: Outputs) -> None:
    (score,) = outputs.score(story.theft.event_id)
    assert (score["score"], score["decision"]) == (100, "BLOCK")
    texts = {reason["rule"]: reason["text"] for reason in score["reasons"]}
    assert texts == {
        "account_takeover": "unknown device in DE, 12.0 times the usual amount",
        "high_amount": "12.0 times the mean of 3 earlier payments",
    }
    (alert,) = [body(m) for m in outputs.alerts if body(m)["event_id"] == story.theft.event_id]
    assert (alert["score"], alert["decision"], alert["reasons"]) == (
        100,
        "BLOCK",
        score["reasons"],
    )


def test_a_straggler_corrects_what_was_said(story: Story, outputs: Outputs) -> None:
    before, after = outputs.score(story.seventh.event_id)
    assert (before["revision"], before["features"]["user_count_5m"]) == (0, 7)
    assert (after["revision"], after["features"]["user_count_5m"]) == (1, 8)
    assert (before["decision"], after["decision"]) == ("ALLOW", "REVIEW")
    alerts = [body(m) for m in outputs.alerts if body(m)["event_id"] == story.seventh.event_id]
    assert [alert["revision"] for alert in alerts] == [1]


def test_a_late_event_tells_how_late(story: Story, outputs: Outputs) -> None:
    (message,) = outputs.late
    assert body(message)["late_by"] == 60 * SECOND
    assert message.key() == story.late.user_id.encode()


def test_a_rejected_record_tells_why(pipeline: Pipeline, outputs: Outputs) -> None:
    (message,) = outputs.dlq
    assert message.key() == b"somebody"
    found = headers(message)
    assert found[ERRORS + "topic"] == pipeline.settings.topics.transactions.encode()
    assert found[ERRORS + "stage"] == b"decode"
    assert found[ERRORS + "exception.class.name"] == b"wrong_key"
    assert b"publish under key = user_id" in found[ERRORS + "exception.message"]


def test_messages_are_valid_and_keyed_by_user(outputs: Outputs) -> None:
    for schema, messages in (
        ("score", outputs.scores),
        ("alert", outputs.alerts),
        ("late", outputs.late),
    ):
        assert messages
        valid(schema, messages)
        assert all(m.key() == body(m)["user_id"].encode() for m in messages)


def test_what_is_said_names_its_run_and_rules(pipeline: Pipeline, outputs: Outputs) -> None:
    ruleset = pipeline.ruleset
    said = {
        (s["ruleset"], s["ruleset_version"], s["fingerprint"]) for s in map(body, outputs.scores)
    }
    assert said == {(ruleset.name, ruleset.version, ruleset.fingerprint)}
    (run_id,) = {score["run_id"] for score in map(body, outputs.scores)}
    job = jobs.find(pipeline.settings, pipeline.jobs["score"])
    assert job
    assert run_id in job.name


def test_the_jobs_names_tell_the_version_of_the_code(pipeline: Pipeline) -> None:
    for job in pipeline.jobs.values():
        found = jobs.find(pipeline.settings, job)
        assert found
        assert found.name.endswith(CODE_VERSION)
