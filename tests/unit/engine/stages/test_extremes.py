"""No number that payments can reach breaks a codec, a message or a store's row."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flink_jobs.lines import JSON_KEY
from flink_jobs.messages import Writer
from risk.engine import exact
from risk.engine.delivery import decode
from risk.engine.features.built_in import USER_CODE
from risk.engine.features.catalogue import DAY, MINUTE, MOST, USER_WINDOW, FeatureValue
from risk.engine.features.declared.entries import Entries
from risk.engine.features.entry import Entry
from risk.engine.features.shape import Shape
from risk.engine.features.timeline import Timeline
from risk.engine.messages import Score
from risk.engine.oracle.features import features
from risk.engine.payment.transaction import MAX_AMOUNT, Transaction
from risk.engine.stages import codec
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.emission import Scorable
from risk.engine.stages.fused import Fused
from risk.engine.stages.parcel import decode as decode_parcel
from risk.engine.stages.parcel import encode as encode_parcel
from risk.engine.stages.sharded import DeviceShard, IpShard, UserShard
from sinks.elasticsearch.document import document
from sinks.postgres.rows import score_row, transaction_row
from sinks.redis.keys import entry as redis_entry
from tests.unit.engine.test_schemas import ruleset_writer, validator
from tests.unit.streams import START, raw, reading, transaction

MANY = 18_447  # payments of the highest amount: their sum has more than 64 bits
MIDNIGHT = START // DAY * DAY
SUM = {"user_amount_5m": MOST}
ENTRIES = Entries(USER_CODE.remembered)

whole = st.integers() | st.sampled_from((2**63, 2**64, -(2**63) - 1, 10**30))
plain = st.recursive(
    whole | st.text() | st.none() | st.booleans() | st.floats(allow_nan=False) | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(plain)
def test_state_holds_whole_numbers_of_any_size(value: Any) -> None:
    assert exact.decode(exact.encode(value)) == value
    assert codec.unpack(codec.pack(value)) == value


def test_state_without_such_numbers_is_as_it_was() -> None:
    value = [1, -(2**63), 2**64 - 1, "x", {"y": None}]
    assert exact.encode(value) == msgspec.msgpack.encode(value)


def test_an_unknown_extension_is_refused() -> None:
    with pytest.raises(ValueError, match="extension 7 is unknown"):
        exact.decode(msgspec.msgpack.encode(msgspec.msgpack.Ext(7, b"")))


AMOUNTS = st.sampled_from((0, 1, MAX_AMOUNT, 2**62, 2**63 - 1, 2**64))


@given(st.lists(st.tuples(AMOUNTS, st.sampled_from(("EUR", "KWD"))), min_size=1, max_size=24))
def test_a_timeline_of_extremes_is_published_kept_and_restored(
    paid: Sequence[tuple[int, str]],
) -> None:
    """As the oracle has it; also folded, marked by a straggler and taken up again in between."""
    txns = [
        transaction(n, event_time=START + n * 20_000, amount=amount, currency=currency)
        for n, (amount, currency) in enumerate(paid)
    ]
    wanted = [tuple(found.values())[:11] for _, found in features(txns)]
    shape = Shape(USER_CODE.fold, USER_CODE.windows)
    timeline = Timeline("u1", shape)
    for n, txn in enumerate(txns):
        assert timeline.insert(entry(txn)) == wanted[n]
        if n % 5 == 4:
            timeline.fold(txn.event_time)
            restored = Timeline("u1", shape, timeline.base)
            restored.restore(timeline.entries, txn.event_time)
            timeline = restored
    late = Timeline("u1", shape)
    for txn in [*txns[1:], txns[0]]:
        late.insert(entry(txn))
    settled = dict(late.settle(txns[-1].event_time))
    assert [settled[entry(txn)] for txn in txns[1:]] == wanted[1:]


def entry(txn: Transaction) -> Entry:
    return ENTRIES.payment(txn)


def highest(step_ms: int) -> list[Raw]:
    """Payments of the highest amount by one user on one UTC day, then another's much later."""
    txns = [
        transaction(n, event_id=f"e{n:05d}", event_time=MIDNIGHT + step_ms * n, amount=MAX_AMOUNT)
        for n in range(MANY)
    ]
    later = txns[-1].event_time + 20 * MINUTE
    txns.append(transaction(MANY, event_id="z", event_time=later, user_id="u2"))
    txns.append(transaction(MANY, event_id="e", event_time=later + 1, amount=MAX_AMOUNT))
    return [raw(txn, offset) for offset, txn in enumerate(txns)]


@pytest.mark.parametrize("step_ms", [USER_WINDOW // MANY, 4_000])
def test_the_stages_take_them_and_go_on_after_a_restart(step_ms: int) -> None:
    raws = highest(step_ms)
    stores: dict[str, MemoryStore] = {}
    found: list[Scorable] = []
    for start in range(0, len(raws), 1_000):
        fused = Fused(lambda name: stores.setdefault(name, MemoryStore()), reading())
        found += fused.on_batch(raws[start : start + 1_000]).scorables
    assert [
        scorable.features.by_name() | expected(n, step_ms)
        for n, scorable in enumerate(found[:MANY])
    ] == [scorable.features.by_name() for scorable in found[:MANY]]
    last = found[-1].features.by_name()
    assert (last["user_history_count"], last["user_amount_ratio"]) == (MANY, 1.0)
    check(ruleset_writer(), [*found[:3], *found[MANY // 2 :: 499], *found[-4:]])


def expected(before: int, step_ms: int) -> dict[str, FeatureValue]:
    count = min(before + 1, -(-USER_WINDOW // step_ms))
    return {
        "user_count_5m": count,
        "user_amount_5m": min(count * MAX_AMOUNT, MOST),
        "user_history_count": before,
        "user_amount_ratio": 1.0 if before else 0.0,
    }


def test_so_do_the_stages_apart() -> None:
    raws = highest(USER_WINDOW // MANY)
    user = UserShard(lambda _: MemoryStore(), 0, 1, reading())
    ip = IpShard(lambda _: MemoryStore(), 0, 1)
    device = DeviceShard(lambda _: MemoryStore(), 1)
    found: list[Scorable] = []
    for start in range(0, len(raws), 1_000):
        sent = user.on_batch(raws[start : start + 1_000]).parcels
        parcels = [decode_parcel(encode_parcel(parcel)) for _, parcel in sent]
        passed = [decode_parcel(encode_parcel(parcel)) for _, parcel in ip.on_batch(parcels)]
        found += device.on_batch(passed)
    assert found[MANY - 1].features.by_name() | SUM == found[MANY - 1].features.by_name()
    check(ruleset_writer(), found[-4:])


def check(writer: Writer, scorables: Sequence[Scorable]) -> None:
    """The messages of these are valid, and every store can hold their rows."""
    said = writer.decisions(scorables, START)
    for name, lines in (("score", said.scores), ("alert", said.alerts)):
        schema = validator(name)
        for line in lines:
            schema.validate(json.loads(line.split(JSON_KEY, 1)[1]))
    for line in said.scores:
        score = decode(line.split(JSON_KEY, 1)[1].encode())
        assert isinstance(score, Score)
        rows = [*numbers(score_row(score)), *numbers(transaction_row(score))]
        rows += numbers(document(score))
        rows += numbers(msgspec.to_builtins(redis_entry(score)))
        assert all(-(2**63) <= n < 2**63 for n in rows)
        assert all(math.isfinite(n) for n in rows)


def numbers(value: Any) -> list[int | float]:
    value = msgspec.to_builtins(value)
    if isinstance(value, int | float):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [n for part in value for n in numbers(part)]
    return []
