"""What a producer, or Kafka itself, may do to the scoring job: it goes on, and is exact."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, Message, Producer
from confluent_kafka.admin import AdminClient

from risk.config.settings import Settings
from risk.engine.payment.transaction import encode
from risk.kafka.client import client_config
from risk.logs import event
from risk.stack.process import Home
from tests.hostile import ERRORS, Scoring, payment, record, running, touchy
from tests.pipeline import Pipeline, with_own_topics
from tests.topics import Sent, configure, read

CLOCK = "message.timestamp.type"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return touchy(tmp_path_factory.mktemp("touchy"))


@pytest.fixture(scope="module")
def scoring(kafka: Settings, flink: Settings, home: Home, project: Path) -> Iterator[Scoring]:
    with running(with_own_topics(flink, f"hostile-{time.time_ns():x}"), home, project) as found:
        yield found


def test_what_is_too_large_is_told_by_its_size(scoring: Scoring) -> None:
    """Bytes of any size and kind, and many of them at once; the payments between are scored."""
    most = scoring.settings.kafka.max_payment_bytes
    padded = b" " * most
    good = [payment(f"large-{n}", f"user-{n % 7}") for n in range(40)]
    odd = bytes(range(256))
    large = [
        Sent(b"u", (odd * 8_200)[:2_097_000]),
        Sent(b"u", b'{"x' + b"x" * 1_100_000 + b'":1}'),
        Sent(b"u", "😀".encode() * (most // 4) + b"\xf0"),
        Sent((odd * 4_100)[:1_000_000], b"{}"),
        Sent((odd * 300)[: most + 1], (odd * 300)[: most + 1]),
        *(Sent(b"u", bytes([n]) * 1_900_000) for n in range(60)),
    ]
    fits = [
        Sent(b"u", (b'{"x' + b"x" * most)[: most - 3] + b'":1}'[-3:]),
        Sent(b"u", (odd * 300)[:most]),
        Sent(padded, b"{"),
    ]
    positions = scoring.send(*map(record, good[:20]), *large, *fits, *map(record, good[20:]))
    scoring.exact()
    letters = scoring.letters(positions[20 : 20 + len(large)])
    for sent, (message, told) in zip(large, letters, strict=True):
        assert told[ERRORS + "exception.class.name"] == b"too_large"
        for name, whole, got in (
            ("key", sent.key or b"", message.key()),
            ("value", sent.value or b"", message.value()),
        ):
            if len(whole) > most:
                assert got is None
                assert told[f"risk.{name}.size"] == str(len(whole)).encode()
                assert told[f"risk.{name}.sha256"] == hashlib.sha256(whole).hexdigest().encode()
            else:
                assert (got, told.get(f"risk.{name}.size")) == (whole, None)
    kept = scoring.letters(positions[20 + len(large) : -20])
    assert [(message.key(), message.value()) for message, _ in kept] == [tuple(s) for s in fits]
    for _, told in kept:
        assert told[ERRORS + "exception.class.name"] != b"too_large"
        assert len(told[ERRORS + "exception.message"]) < 2_100


def test_a_record_that_a_stage_fails_on_is_left_out(scoring: Scoring) -> None:
    """Alone, and among others of its user, of which it leaves no trace."""
    poison = [payment(f"poison-{n}", "user-2") for n in range(3)]
    good = [payment(f"good-{n}", f"user-{n % 4}") for n in range(30)]
    mixed = [good[0], poison[0], *good[1:20], poison[1], poison[2], *good[20:]]
    positions = scoring.send(*map(record, mixed))
    scoring.exact()
    for txn, position in zip(mixed, positions, strict=True):
        if txn in poison:
            ((message, told),) = scoring.letters([position])
            assert (message.key(), message.value()) == record(txn)
            assert told[ERRORS + "stage"] == b"score"
            assert told[ERRORS + "exception.class.name"] == b"internal_error"
            cause = "ZeroDivisionError: a rule that nobody foresaw of ••• at •••"
            assert told[ERRORS + "exception.message"].decode() == cause


def test_the_log_of_it_is_json_and_quotes_nobody(scoring: Scoring, home: Home) -> None:
    """Of Flink's own lines and of the operators': found by the run and the payment."""
    poison = record(payment("poison-logged", "somebody"))
    position, _ = scoring.send(poison, record(payment("scored", "another")))
    scoring.exact()
    place = Pipeline(scoring.settings, home).taskmanager(scoring.job)
    lines = [
        json.loads(line)
        for name in (place, f"flink-{place}", "flink")
        for line in home.log(name).read_text(encoding="utf-8").splitlines()
    ]
    assert {"time", "level", "logger", "process", "message"} <= set.intersection(*map(set, lines))
    assert {line["process"] for line in lines} == {place, "flink"}
    assert scoring.job in {line.get("job") for line in lines}
    (told,) = [line for line in lines if line.get("event") == event("poison-logged")]
    at = {"partition": position.partition, "offset": position.offset}
    run = next(iter(read(scoring.settings, scoring.settings.topics.scores)))
    assert {name: told[name] for name in at} == at
    assert told["run"] == json.loads(run.value() or b"")["run_id"]
    assert told["error"].endswith("ZeroDivisionError")
    whose = json.loads(poison.value or b"")
    for value in ("user-2", whose["user_id"], whose["ip"], whose["device_id"]):
        assert not [line for line in lines if value in json.dumps(line)]


def test_what_a_producer_dates_itself_is_not_scored(scoring: Scoring) -> None:
    """A topic that was made elsewhere: such a time could make all others late, or none."""
    settings, topic = scoring.settings, scoring.settings.topics.transactions
    admin = AdminClient(client_config(settings.kafka))
    configure(admin, topic, CLOCK, "CreateTime")
    txn = payment("dated", "user-1")
    far = txn.event_time + 3_000_000  # the broker takes up to an hour
    producer = Producer(client_config(settings.kafka))
    sent: list[Message] = []
    # A log may go by a new setting a little later than the broker tells.
    while not any(m.timestamp() == (TIMESTAMP_CREATE_TIME, far) for m in sent):
        producer.produce(
            topic, encode(txn), txn.user_id, timestamp=far, on_delivery=lambda _, m: sent.append(m)
        )
        assert producer.flush(20) == 0
    configure(admin, topic, CLOCK, "LogAppendTime")
    positions = scoring.send(*(record(payment(f"near-{n}", f"user-{n}")) for n in range(8)))
    scoring.exact()
    letters = [dict(m.headers() or ()) for m in read(settings, settings.topics.dlq)]
    assert sum(told[ERRORS + "exception.class.name"] == b"create_time" for told in letters) == 1
    assert len(positions) == 8
