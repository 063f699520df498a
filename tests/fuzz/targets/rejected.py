"""A record that can't be decided, with any key, and the dead letter that is made of it."""

from __future__ import annotations

import hashlib

from flink_jobs.letters import INTERNAL_ERROR, dead_letter, record
from flink_jobs.lines import FIELD, RECORD
from risk.engine.payment.redaction import redact
from risk.engine.payment.rejected import Rejected
from risk.engine.payment.transaction import decode
from risk.engine.stages.base import Raw
from tests.fuzz.target import Target
from tests.fuzz.targets import payments

MOST = 2_097_152  # bytes: the default of kafka.max_record_bytes


def once(data: bytes) -> object:
    """The letter fits into Kafka, and holds the record as it came, or its size: but for cards."""
    key, _, value = data.partition(b"\n\n")
    raw = Raw(3, 17, payments.START, key, value)
    try:
        decode(value, key)
        reason, said = INTERNAL_ERROR, f"ValueError: {value.decode(errors='replace')[:1_000]}"
    except Rejected as error:
        reason, said = error.reason, error.message
    line = dead_letter("risk.transactions", raw, "decode", reason, said, MOST)
    assert RECORD not in line
    found_key, found_value, headers = record(line)
    told = dict(headers)
    assert sum(len(part or b"") for part in (found_key, found_value, *told.values())) < MOST
    for name, came, found in (("key", key, found_key), ("value", value, found_value)):
        if found is None:
            assert told[f"risk.{name}.sha256"] == hashlib.sha256(came).hexdigest().encode()
        else:
            assert found == redact(came)
    return sorted(told), reason, said.partition(":")[0]


SEEDS = tuple(b"u1\n\n" + seed for seed in payments.SEEDS)
WORDS = (*payments.WORDS, "\n\n", FIELD, RECORD, "4111111111111111")
TARGET = Target("rejected", once, (), SEEDS, WORDS)
