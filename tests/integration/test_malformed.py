"""Broken records end in risk.dlq as they came, but for card numbers, and stop nothing."""

from __future__ import annotations

import hashlib
from random import Random

import msgspec

from generator.malformed import each_kind
from generator.stream import events, records
from risk.engine.payment.redaction import redact
from risk.engine.payment.transaction import encode
from tests.pipeline import Pipeline, transaction
from tests.topics import Position, Sent, read, send

BROKEN = 1_000
GOOD = 500
ERRORS = "__connect.errors."
BAD_KEY = b"\xff\xfe\x80user"
CARD, SPACED = b"4111111111111111", b"4111 1111 1111 1111"


def broken(pipeline: Pipeline, rng: Random) -> list[tuple[Sent, str]]:
    """Many kinds, some of 1 MB, and what no producer of JSON would send; each with its reason."""
    config = pipeline.stream(rate=100, duration_s=10)
    txns = (event.txn for event in events(config))
    found = [(Sent(one.key, one.value), one.reason) for one in each_kind(txns, BROKEN - 50, rng)]
    assert sum(len(record.value or b"") > 1_000_000 for record, _ in found) >= 4
    for number in range(10):
        txn = transaction(f"b{config.seed}-{number}", f"user-{number}", config.start_time)
        key = txn.user_id.encode()
        carded = encode(msgspec.structs.replace(txn, user_id=CARD.decode()))
        found += [
            (Sent(key, None), "empty"),  # a tombstone
            (Sent(None, None), "empty"),
            (Sent(BAD_KEY + bytes([number]), encode(txn)), "wrong_key"),
            (Sent(key, bytes(range(256)) * (number + 1)), "not_utf8"),
            (Sent(CARD, carded), "invalid_field"),
        ]
    return found


def test_a_thousand_broken_records_among_good_ones(pipeline: Pipeline) -> None:
    settings, topics = pipeline.settings, pipeline.settings.topics
    job = pipeline.jobs["score"]
    attempts = pipeline.attempts(job)
    config = pipeline.stream(rate=100, duration_s=GOOD / 100, malformed=0.0, late=0.0)
    rng = Random(config.seed)
    mixed: list[tuple[Sent, str | None]] = [
        *broken(pipeline, rng),
        *((Sent(record.key, record.value), None) for record in records(config)),
    ]
    rng.shuffle(mixed)
    assert len(mixed) == BROKEN + GOOD
    positions = send(settings, topics.transactions, [record for record, _ in mixed])

    report = pipeline.verify()
    assert report.mismatches == 0, report.first
    sent = set(positions)
    letters = {}
    for message in read(settings, topics.dlq):
        found = {name: text.decode() for name, text in message.headers() or ()}
        if found.get(ERRORS + "topic") == topics.transactions:
            at = Position(int(found[ERRORS + "partition"]), int(found[ERRORS + "offset"]))
            if at in sent:  # what another test has sent may be there twice, after a crash
                assert at not in letters
                letters[at] = message, found
    for at, (record, reason) in zip(positions, mixed, strict=True):
        if reason is None:
            assert at not in letters
            continue
        message, found = letters[at]
        if reason == "too_large":
            assert record.value is not None
            assert found["risk.value.size"] == str(len(record.value))
            assert found["risk.value.sha256"] == hashlib.sha256(record.value).hexdigest()
        else:
            assert message.value() == redact(record.value)
        assert message.key() == redact(record.key)
        assert not any(number in (message.value() or b"") for number in (CARD, SPACED))
        assert CARD not in (message.key() or b"")
        assert CARD.decode() not in found[ERRORS + "exception.message"]
        assert found[ERRORS + "exception.class.name"] == reason, record
        assert found[ERRORS + "stage"] == "decode"
        assert found[ERRORS + "exception.message"]
    assert pipeline.attempts(job) == attempts
