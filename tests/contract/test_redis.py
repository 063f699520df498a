"""What only Redis's writer does: the riskiest, the flagged, the latest, all of it expiring."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import sinks.redis as store
from risk.config.settings import Settings
from risk.engine.delivery import Message, Sink, Unavailable, Written
from risk.engine.messages import Score
from risk.engine.payment.identity import payment_key
from sinks.redis import keys
from sinks.redis.client import connect, passes
from tests.contract.messages import ACTIVE, NOON, OTHER, late, score

pytestmark = pytest.mark.stack
HOUR = 3_600_000


@pytest.fixture
def where(redis: Settings) -> Iterator[Settings]:
    with connect(redis) as client:
        client.flushdb()
        yield redis
        client.flushdb()  # half scores would be found by whoever verifies it later


@pytest.fixture
def sink(where: Settings) -> Iterator[Sink]:
    sink = store.create(where)
    sink.open()
    yield sink
    sink.close()


def content(settings: Settings) -> dict[str, Any]:
    """Everything in Redis."""
    found: dict[str, Any] = {}
    with connect(settings) as client:
        for key in client.keys("*"):
            name = key.decode()
            if client.type(key) == b"zset":
                found[name] = client.zrange(key, 0, -1, withscores=True)
            else:
                found[name] = json.loads(client.get(key))
    return found


def test_the_riskiest_are_the_sums_over_flagged_events(where: Settings, sink: Sink) -> None:
    batch = [
        score("e1", points=50, user_id="a", ip="192.0.2.1"),
        score("e2", points=90, user_id="a", ip="192.0.2.2", event_time=NOON + HOUR),
        score("e3", points=100, user_id="b", ip="192.0.2.1"),
        score("e4", points=30, user_id="c", ip="192.0.2.3"),
    ]
    for _ in range(2):  # a repetition adds nothing
        assert sink.write(batch) == Written(rows=4)
        assert store.top_users(where, 5) == [("a", 140), ("b", 100)]
        assert store.top_users(where, 1) == [("a", 140)]
        assert store.top_users(where, 5, hours=1) == [("a", 90)]
        assert store.top_ips(where, 5) == [("192.0.2.1", 150), ("192.0.2.2", 90)]


def test_a_correction_adds_the_difference(where: Settings, sink: Sink) -> None:
    sink.write([score("e1", points=50), score("e2", points=60)])
    sink.write([score("e1", points=80, revision=1)])
    assert store.top_users(where, 5) == [("u-1", 140)]
    sink.write([score("e2", points=10, revision=1)])
    assert store.top_users(where, 5) == [("u-1", 80)]
    assert [entry.event_id for entry in store.flagged(where, 5)] == ["e1"]
    sink.write([score("e1", points=0, revision=2)])
    assert store.top_users(where, 5) == []
    assert store.top_ips(where, 5) == []
    assert store.flagged(where, 5) == []


def test_flagged_are_the_latest_first(where: Settings, sink: Sink) -> None:
    sink.write([score(f"e{i}", points=45, event_time=NOON + i) for i in (2, 0, 1)])
    assert [entry.event_id for entry in store.flagged(where, 2)] == ["e2", "e1"]
    assert store.flagged(where, 0) == []


def test_flagged_keeps_the_latest_ten_thousand(where: Settings, sink: Sink) -> None:
    extra = 5
    batch = [
        score(f"e{i:05}", points=45, event_time=NOON + i) for i in range(keys.MAX_FLAGGED + extra)
    ]
    for part in (batch[5_000:], batch[:5_000]):
        sink.write(part)
    with connect(where) as client:
        assert client.zcard(keys.FLAGGED) == keys.MAX_FLAGGED
        first = client.zrange(keys.FLAGGED, 0, 0)
    assert first == [payment_key("u-1", f"e{extra:05}", NOON + extra).encode()]
    assert store.problems(where) == []


def test_the_user_has_the_latest_event(where: Settings, sink: Sink) -> None:
    events = [score("b"), score("a", points=90), score("z", event_time=NOON - 1)]
    for order in itertools.permutations(events):
        with connect(where) as client:
            client.flushdb()
            sink.write(order)
            value = json.loads(client.get(keys.USER + "u-1") or b"")
        assert value["event_id"] == "b"
    sink.write([score("b", points=70, revision=1)])
    latest = content(where)[keys.USER + "u-1"]
    assert (latest["revision"], latest["score"], latest["decision"]) == (1, 70, "BLOCK")


REVISIONS = [
    score("e1", points=50),
    score("e1", points=20, revision=1),
    score("e2", points=100),
    score("e2", points=45, revision=1),
    score("e3", points=30, user_id="u-2", event_time=NOON + HOUR),
    score("e3", points=75, revision=1, user_id="u-2", event_time=NOON + HOUR),
]


@given(order=st.permutations(REVISIONS), repeated=st.lists(st.sampled_from(REVISIONS)))
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_order_gives_the_same_content(
    where: Settings, sink: Sink, order: list[Score], repeated: list[Score]
) -> None:
    def without_hours() -> dict[str, Any]:
        # The hours are an index: one may be listed whose events are all cleared by now.
        found = content(where)
        found.pop(keys.HOURS, None)
        return found

    with connect(where) as client:
        client.flushdb()
        sink.write(REVISIONS)
        expected = without_hours()
        client.flushdb()
    sink.write(order)
    sink.write(repeated)
    assert without_hours() == expected


def test_only_live_scores_are_taken(where: Settings, sink: Sink) -> None:
    sink.write([score("e1", points=90)])
    before = content(where)
    batch: list[Message] = [
        late("l"),
        score("s", points=90, ruleset=OTHER, kind="shadow"),
        score("r", points=90, ruleset=OTHER, kind="replay"),
        score("e1", points=50, revision=1, kind="replay"),  # also under the live ruleset
    ]
    assert sink.write(batch) == Written()
    assert content(where) == before


def test_a_promoted_ruleset_replaces_whatever_revision(where: Settings, sink: Sink) -> None:
    sink.write([score("e1", points=90, revision=1)])
    assert sink.write([score("e1", points=50, ruleset=OTHER)]) == Written(rows=1)
    assert list(store.scan(where, *ACTIVE)) == []
    assert [row.score for row in store.scan(where, *OTHER)] == [50]
    assert store.top_users(where, 5) == [("u-1", 50)]


def test_everything_expires_and_no_sum_before_its_entries(where: Settings, sink: Sink) -> None:
    sink.write([score("e1", points=50), score("e2", points=60)])
    with connect(where) as client:
        left = {name: client.ttl(name) for name in client.keys("*")}
    assert len(left) == 7
    assert all(0 < seconds <= where.redis.ttl_s for seconds in left.values())


def test_a_sum_does_not_outlive_the_entries(where: Settings, sink: Sink) -> None:
    sink.write([score("e1", points=50)])
    hour = keys.TOP_USERS + keys.hour_of(NOON)
    with connect(where) as client:
        client.expire(hour, 100)
        sink.write([score("e2", points=60)])
        assert 0 < int(client.ttl(hour)) <= 100
        client.delete(hour)
    # The hour has expired: what it held is gone, and there is nothing left to take back.
    sink.write([score("e2", points=0, revision=1)])
    assert store.top_users(where, 5) == []
    sink.write([score("e1", points=50)])
    assert store.top_users(where, 5) == [("u-1", 50)]


def test_a_lost_script_is_loaded_again(where: Settings, sink: Sink) -> None:
    with connect(where) as client:
        client.script_flush()
    assert sink.write([score("e1")]) == Written(rows=1)


HOUR_NOON = keys.hour_of(NOON)
FLAG = score("e2", points=90, user_id="bad", ip="192.0.2.9")
OWN_KEYS = (
    keys.score_key("bad", "e2", NOON),
    keys.USER + "bad",
    keys.FLAGGED,
    keys.HOURS,
    keys.TOP_USERS + HOUR_NOON,
    keys.TOP_IPS + HOUR_NOON,
)
GARBAGE = ("no JSON", "7", "null", "[]", "{}", '{"ruleset":7,"revision":"x"}', b"\xff\x00")


@pytest.mark.parametrize("key", OWN_KEYS)
@pytest.mark.parametrize("kind", ["list", "hash", "text"])
def test_what_is_in_the_way_of_a_key_is_replaced(
    where: Settings, sink: Sink, key: str, kind: str
) -> None:
    """Never half a score: what another has put under our keys goes."""
    with connect(where) as client:
        if kind == "list":
            client.lpush(key, "x")
        elif kind == "hash":
            client.hset(key, "a", "b")
        else:
            client.set(key, "no JSON")
    batch = [score("e1", ip="192.0.2.1"), FLAG, score("e3", ip="192.0.2.1")]
    for _ in range(2):
        assert sink.write(batch) == Written(rows=3)
        assert [row.event_id for row in store.scan(where, *ACTIVE)] == ["e1", "e2", "e3"]
        assert store.top_users(where, 5) == [("bad", 90)]
        assert store.problems(where) == []


@pytest.mark.parametrize("garbage", GARBAGE, ids=repr)
def test_garbage_under_our_keys_is_replaced(
    where: Settings, sink: Sink, garbage: str | bytes
) -> None:
    with connect(where) as client:
        for key in OWN_KEYS[:2]:
            client.set(key, garbage)
    assert len(store.problems(where)) == 1
    assert list(store.scan(where, *ACTIVE)) == []
    assert sink.write([FLAG]) == Written(rows=1)
    assert [row.score for row in store.scan(where, *ACTIVE)] == [90]
    assert store.problems(where) == []


@pytest.mark.parametrize("key", OWN_KEYS[1:])
@pytest.mark.parametrize("lost", [True, False])
def test_half_a_score_is_seen(where: Settings, sink: Sink, key: str, lost: bool) -> None:
    sink.write([FLAG, score("e1", points=50)])
    assert store.problems(where) == []
    with connect(where) as client:
        client.delete(key)
        if not lost:
            client.lpush(key, "x")
    (problem,) = store.problems(where)
    assert key in problem


def test_a_flagged_payment_of_score_0_is_whole(where: Settings, sink: Sink) -> None:
    """A ruleset may review from 0 on: it is among the flagged, and nothing in the sums."""
    sink.write([msgspec.structs.replace(score("e1"), decision="REVIEW")])
    assert store.problems(where) == []


def test_corrections_leave_it_whole(where: Settings, sink: Sink) -> None:
    for one in REVISIONS:
        sink.write([one])
        assert store.problems(where) == []
    sink.write([score("e1", points=80, ruleset=OTHER), score("e9", points=60, late=True)])
    assert store.problems(where) == []


def test_a_full_redis_is_unavailable_and_takes_the_batch_later(where: Settings, sink: Sink) -> None:
    with connect(where) as client:
        before = client.config_get("maxmemory")["maxmemory"]
        client.config_set("maxmemory", 1)
        try:
            with pytest.raises(Unavailable):
                sink.write([score("e1", points=90)])
        finally:
            client.config_set("maxmemory", before)
    assert content(where) == {}
    assert sink.write([score("e1", points=90)]) == Written(rows=1)


def test_a_replica_is_unavailable(where: Settings, sink: Sink) -> None:
    with connect(where) as client:
        client.replicaof("127.0.0.1", 1)
        try:
            with pytest.raises(Unavailable):
                sink.write([score("e1")])
        finally:
            client.replicaof("NO", "ONE")
    assert sink.write([score("e1")]) == Written(rows=1)


def test_a_wrong_password_is_unavailable_and_not_repeated_in_the_message(where: Settings) -> None:
    wrong = msgspec.structs.replace(where.redis, password="not-the-password")
    sink = store.create(msgspec.structs.replace(where, redis=wrong))
    with pytest.raises(Unavailable) as raised:
        sink.open()
    assert "not-the-password" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "OOM command not allowed",
        "ERR Error running script (call to f_1): @user_script:9: -OOM command not allowed",
        "READONLY You can't write against a read only replica.",
        "LOADING Redis is loading the dataset in memory",
    ],
)
def test_what_redis_says_about_itself_passes(text: str) -> None:
    assert passes(Exception(text))


def test_what_redis_says_about_a_value_does_not_pass() -> None:
    assert not passes(Exception("WRONGTYPE Operation against a key"))
