"""What every store's writer promises, on each real store."""

from __future__ import annotations

import itertools
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from risk.config.settings import Settings
from risk.engine.delivery import Message, Sink, Unavailable, Written, decode
from risk.engine.erasure import SALT_BYTES, Erased
from risk.engine.messages import Score
from risk.engine.payment.transaction import MAX_EVENT_TIME
from sinks import registry
from sinks.store import Checks, Divides, Erases, Finds, LooksUp, Searches, Store
from sinks.stored import Stored
from tests import memory_store
from tests.contract import extremes
from tests.contract.gate import Gate
from tests.contract.messages import NOON, by_id, late, many, score

pytestmark = pytest.mark.stack

_names = itertools.count()
EVERY = (*registry.names(), memory_store.ENTRY.name)
_run = f"{time.time_ns():x}"  # a store may hold what an earlier run has left


class Own(NamedTuple):
    """A store under test. Each test has a ruleset of its own, and so its own rows."""

    name: str
    settings: Settings
    active: tuple[str, int]
    sink: Sink

    @property
    def store(self) -> Store:
        """All that it can do."""
        return registry.load(self.name)

    @property
    def live_only(self) -> bool:
        """Whether it holds what is live alone."""
        return registry.entry(self.name).live_only

    def another(self) -> Sink:
        """One more writer to the same store."""
        sink = self.store.create(self.settings)
        sink.open()
        return sink

    def score(self, event_id: str, **changes: Any) -> Score:
        """A score under the test's ruleset."""
        return score(event_id, **{"ruleset": self.active, **changes})

    def scan(self, ruleset: tuple[str, int] | None = None) -> list[Stored]:
        """What the store holds of the test's ruleset, or of another."""
        return list(self.store.scan(self.settings, *(ruleset or self.active)))


@pytest.fixture(params=registry.names())
def served(request: pytest.FixtureRequest) -> Iterator[Own]:
    """Each store, and its server is up."""
    settings: Settings = request.getfixturevalue(request.param)
    yield from opened(request.param, settings)


@pytest.fixture(params=EVERY)
def store(request: pytest.FixtureRequest) -> Iterator[Own]:
    """Each store, and the tests' own, which has no server."""
    settings: Settings = request.getfixturevalue(request.param)
    yield from opened(request.param, settings)


def opened(name: str, settings: Settings) -> Iterator[Own]:
    active = (f"r-{_run}-{next(_names)}", 1)
    sink = registry.load(name).create(settings)
    sink.open()
    yield Own(name, settings, active, sink)
    sink.close()


def expected(scores: Sequence[Score]) -> list[Stored]:
    """What a scan gives when these are there."""
    return [
        Stored(
            event_id=s.event_id,
            user_id=s.user_id,
            event_time=s.event_time,
            revision=s.revision,
            score=s.score,
            decision=s.decision,
            reasons=tuple((r.rule, r.version, r.points) for r in s.reasons),
            fingerprint=s.fingerprint,
            late=s.late,
        )
        for s in by_id(scores)
    ]


def test_it_says_its_name(store: Own) -> None:
    assert store.sink.name == store.name


def test_an_empty_batch(store: Own) -> None:
    assert store.sink.write([]) == Written()
    assert store.scan() == []


def test_what_was_written_is_read_back_in_order(store: Own) -> None:
    batch = [
        store.score("é-last", points=100, user_id="ü", event_time=NOON + 1),
        store.score("b", points=45, lat=None, lon=None, ip="2001:db8::1"),
        store.score("A:1'\"\\ %s {x}", event_time=NOON + 86_400_000 * 40),
    ]
    assert store.sink.write(batch) == Written(rows=3)
    assert store.scan() == expected(batch)


def test_the_same_batch_again_changes_nothing(store: Own) -> None:
    batch = [store.score(f"e{i}", points=i * 10, user_id=f"u{i % 3}") for i in range(10)]
    assert store.sink.write(batch) == Written(rows=10)
    before = store.scan()
    assert store.sink.write(batch) == Written(rows=10)
    assert store.scan() == before == expected(batch)


def test_a_newer_revision_replaces(store: Own) -> None:
    store.sink.write([store.score("e1", points=90)])
    newer = store.score("e1", points=40, revision=1)
    assert store.sink.write([newer]) == Written(rows=1)
    assert store.scan() == expected([newer])


def test_a_newer_revision_without_reasons_leaves_none(store: Own) -> None:
    store.sink.write([store.score("e1", points=90)])
    newer = store.score("e1", revision=1)
    assert store.sink.write([newer]) == Written(rows=1)
    assert store.scan() == expected([newer])


def test_an_older_revision_is_skipped_and_counted(store: Own) -> None:
    newer = store.score("e1", points=40, revision=1)
    store.sink.write([newer])
    other = store.score("e2")
    assert store.sink.write([store.score("e1", points=90), other]) == Written(rows=1, older=1)
    assert store.scan() == expected([newer, other])


def test_an_equal_revision_overwrites(store: Own) -> None:
    store.sink.write([store.score("e1", points=90)])
    again = store.score("e1", points=45)
    assert store.sink.write([again]) == Written(rows=1)
    assert store.scan() == expected([again])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_the_same_key_in_one_batch_ends_as_its_newest(
    store: Own, order: tuple[int, int, int]
) -> None:
    batch = [store.score("e1", points=90 - 30 * r, revision=r) for r in order]
    written = store.sink.write(batch)
    assert written.rows >= 1
    assert written.refused == ()
    assert store.scan() == expected([store.score("e1", points=30, revision=2)])


@pytest.mark.parametrize("together", [True, False])
def test_a_replay_never_replaces_what_was_live(store: Own, together: bool) -> None:
    live = [store.score("e1", points=90), store.score("e2", points=10, kind="shadow")]
    replayed = [
        store.score("e1", points=10, revision=1, kind="replay", run_id="replay-1"),
        store.score("e2", points=90, kind="replay", run_id="replay-1"),
        store.score("e3", points=50, revision=1, kind="replay", run_id="replay-1"),
    ]
    later = store.score("e3", points=20)
    kept = [*live, later]
    for batch in (live + replayed, [later]) if together else (live, replayed, [later], replayed):
        assert store.sink.write(batch).refused == ()
    if store.live_only:
        kept.remove(live[1])
    assert store.scan() == expected(kept)


def test_replays_replace_one_another(store: Own) -> None:
    for points in (10, 50, 50):
        store.sink.write([store.score("e1", points=points, kind="replay")])
        held = [store.score("e1", points=points)] if not store.live_only else []
        assert store.scan() == expected(held)


def test_the_same_message_twice_in_one_batch(store: Own) -> None:
    batch = [store.score("e1", points=90)] * 2
    written = store.sink.write(batch)
    assert written.refused == ()
    assert store.scan() == expected(batch[:1])


@given(
    cuts=st.lists(st.integers(1, 4), min_size=1, max_size=6),
    order=st.permutations([(e, r) for e in ("e1", "e2", "e3") for r in (0, 1, 2)]),
)
@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_order_in_any_batches_ends_the_same(
    store: Own, order: list[tuple[str, int]], cuts: list[int]
) -> None:
    for one in opened(store.name, store.settings):  # a ruleset of its own for each example
        messages = [
            one.score(event_id, points=20 + 30 * revision, revision=revision, user_id=event_id)
            for event_id, revision in order
        ]
        left = list(messages)
        for cut in itertools.cycle(cuts):
            if not left:
                break
            one.sink.write(left[:cut])
            left = left[cut:]
        assert one.scan() == expected([m for m in messages if m.revision == 2])


def test_ten_thousand_rows_in_one_batch(store: Own) -> None:
    batch = [msgspec.structs.replace(s, ruleset=store.active[0]) for s in many(10_000)]
    assert store.sink.write(batch) == Written(rows=10_000)
    assert store.scan() == expected(batch)
    assert store.sink.write(batch) == Written(rows=10_000)
    assert len(store.scan()) == 10_000


def test_two_writers_at_once(store: Own) -> None:
    """Both get every event in both revisions, one the newer last, the other first, in reverse."""
    ids = [f"e{i:03}" for i in range(200)]
    revisions = [
        [store.score(i, points=10 + r, revision=r, user_id=f"u{i[-1]}") for i in ids]
        for r in (0, 1)
    ]
    failures: list[Exception] = []

    def run(sink: Sink, batches: list[list[Score]]) -> None:
        try:
            for batch in batches:
                for part in (batch[:80], batch[80:]):
                    sink.write(part)
        except Exception as error:
            failures.append(error)

    second = store.another()
    plans = [
        (store.sink, [revisions[0], revisions[1]]),
        (second, [revisions[1][::-1], revisions[0][::-1]]),
    ]
    threads = [threading.Thread(target=run, args=plan) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    assert failures == []
    assert store.scan() == expected(revisions[1])


def test_versions_of_a_ruleset_stand_side_by_side(store: Own) -> None:
    other = (store.active[0], 2)
    active = store.score("e1", points=90)
    beside = store.score("e1", points=40, ruleset=other, kind="shadow")
    written = store.sink.write([active, beside])
    assert written.refused == ()
    assert written.older == 0
    assert store.scan() == expected([active])
    assert store.scan(other) == ([] if store.live_only else expected([beside]))


def test_two_payments_never_share_a_row(store: Own) -> None:
    batch = [
        store.score("1", points=90, user_id="u1"),
        store.score("1", user_id="u2"),
        store.score("1", points=45, user_id="u1", event_time=NOON + 1),
        # These would be one if ids were only put side by side.
        store.score("a:b", points=50, user_id="c"),
        store.score("a", points=60, user_id="b:c"),
    ]
    for _ in range(2):
        assert store.sink.write(batch) == Written(rows=5)
        assert store.scan() == expected(batch)
    newer = store.score("1", points=100, revision=1, user_id="u2")
    store.sink.write([newer])
    assert store.scan() == expected([*batch[:1], newer, *batch[2:]])


def test_the_longest_ids(store: Own) -> None:
    batch = [
        store.score("\U0001f600" * 128, points=90, user_id="\U0001f680" * 128),
        store.score("\U0001f600" * 127 + "\U0001f601", user_id="\U0001f680" * 128),
    ]
    assert store.sink.write(batch) == Written(rows=2)
    assert store.scan() == expected(batch)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("late_first", [True, False])
def test_a_late_payment_never_replaces_a_scored_one(
    store: Own, together: bool, late_first: bool
) -> None:
    own = store.active[
        0
    ]  # a user of the test's own: to Redis other rulesets' payments are the same
    scored = [
        store.score("e1", points=90, user_id=own),
        store.score("e2", points=10, user_id=own),
    ]
    tardy = [
        store.score("e1", points=10, revision=1, late=True, user_id=own),
        store.score("e2", points=90, late=True, user_id=own),
        store.score("e3", points=50, late=True, user_id=own),
    ]
    batches = [tardy, scored] if late_first else [scored, tardy]
    if together:
        batches = [[one for batch in batches for one in batch]]
    for batch in [*batches, *batches]:
        assert store.sink.write(batch).refused == ()
    assert store.scan() == expected([*scored, tardy[2]])


def test_a_replay_never_replaces_a_late_payment_of_a_live_run(store: Own) -> None:
    own = store.active[0]
    tardy = store.score("e1", points=50, late=True, user_id=own)
    store.sink.write([tardy])
    store.sink.write([store.score("e1", points=10, revision=1, kind="replay", user_id=own)])
    assert store.scan() == expected([tardy])


def test_a_late_message_is_no_score(store: Own) -> None:
    kept = store.score("e1")
    written = store.sink.write([late("l1"), kept, late("l2")])
    assert (written.older, written.refused) == (0, ())
    assert store.scan() == expected([kept])


# An event time's month has an index of its own in Elasticsearch, which takes a moment to make.
FAR_APART = st.sampled_from((0, NOON, MAX_EVENT_TIME))


@given(message=extremes.scores(FAR_APART) | extremes.lates())
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
def test_whatever_passes_decoding_is_taken(store: Own, message: dict[str, Any]) -> None:
    assert store.sink.write([decode(msgspec.json.encode(message))]).refused == ()


def poison(store: Own) -> Score:
    """A message that the store will never take, and that decoding would have refused."""
    if store.name == "postgres":
        return store.score("bad\x00", points=90)
    return store.score("bad", points=90, ip="nowhere")


@pytest.mark.parametrize("at", [0, 2, 4])
@pytest.mark.parametrize("store", [name for name in EVERY if name != "redis"], indirect=True)
def test_what_is_refused_keeps_nothing_else_back(store: Own, at: int) -> None:
    """Redis takes whatever it is given."""
    good = [store.score(f"e{i}", points=i * 20) for i in range(4)]
    batch: list[Message] = [*good[:at], poison(store), *good[at:]]
    for _ in range(2):
        written = store.sink.write(batch)
        assert (written.rows, written.older) == (4, 0)
        assert [refused.at for refused in written.refused] == [at]
        assert written.refused[0].reason
        assert store.scan() == expected(good)


def at_port(settings: Settings, port: int) -> Settings:
    """The settings with every store at this port."""
    replace = msgspec.structs.replace
    sections: dict[str, Any] = {
        name: replace(getattr(settings, name), host="127.0.0.1", port=port)
        for name in registry.names()
    }
    return replace(settings, **sections)


def test_a_store_that_is_away_is_unavailable_at_once(served: Own) -> None:
    with socket.socket() as held:  # bound, but it doesn't listen
        held.bind(("127.0.0.1", 0))
        settings = at_port(served.settings, held.getsockname()[1])
        sink = served.store.create(settings)
        started = time.monotonic()
        with pytest.raises(Unavailable):
            sink.open()
        sink.close()
    assert time.monotonic() - started < 10


def test_a_store_that_goes_and_comes_back_is_written_without_opening_again(served: Own) -> None:
    section = getattr(served.settings, served.name)
    gate = Gate(section.host, section.port)
    settings = at_port(served.settings, gate.port)
    sink = served.store.create(settings)
    batches = [[served.score(f"e{i}-{j}", points=50) for j in range(3)] for i in range(3)]
    try:
        sink.open()
        sink.write(batches[0])
        gate.shut()
        for _ in range(2):
            with pytest.raises(Unavailable):
                sink.write(batches[1])
        gate.open()
        assert sink.write(batches[1]) == Written(rows=3)
        assert sink.write(batches[2]) == Written(rows=3)
    finally:
        sink.close()
        gate.close()
    assert served.scan() == expected([s for batch in batches for s in batch])


def test_closing_twice_and_opening_again(store: Own) -> None:
    sink = store.another()
    sink.close()
    sink.close()
    sink.open()
    assert sink.write([store.score("e1")]) == Written(rows=1)
    sink.close()


def test_a_probe_says_which_payments_are_there(store: Own) -> None:
    own = store.active[0]  # a user of the test's own
    batch = [store.score("e1", user_id=own), store.score("e2", points=90, user_id=own)]
    ask = store.store.probe(store.settings, store.active)
    wanted = {("e1", own, NOON), ("e2", own, NOON)}
    asked = [*wanted, ("e3", own, NOON), ("e1", f"{own}-", NOON), ("e1", own, NOON + 1)]
    assert ask(asked) == set()
    store.sink.write(batch)
    assert ask(asked) == wanted
    if isinstance(store.store, Searches):
        assert len(store.scan()) == 2  # it has what was written shown
        assert store.store.probe_search(store.settings, store.active)(asked) == wanted


def test_what_is_found_under_an_event_id(store: Own) -> None:
    event_id = f"found-{store.active[0]}"
    batch = [store.score(event_id, points=90, revision=1, user_id=user) for user in ("u1", "u2")]
    assert store.sink.write(batch).rows == 2
    assert len(store.scan()) == 2
    ids = event_id, "u1"
    if isinstance(store.store, Finds):
        assert len(store.store.find(store.settings, event_id).scores) == 2
        (one,) = store.store.find(store.settings, *ids).scores
        assert (one.user_id, one.event_time, one.revision, one.score) == ("u1", NOON, 1, 90)
        assert store.store.find(store.settings, "nowhere").where == []
    if isinstance(store.store, LooksUp):
        tag = f"{store.active[0]}:1"
        found = store.store.look_up(store.settings, *ids, known=[("u1", NOON), ("u9", NOON)])
        assert found.held == [("u1", NOON, tag, 1)]
        assert len(store.store.look_up(store.settings, event_id).held) == 2
        assert store.store.look_up(store.settings, "nowhere", known=[("u1", NOON)]).where == []


def test_what_is_written_to_a_second_place_is_there_alone(store: Own) -> None:
    if not isinstance(store.store, Divides):
        return
    own = store.store.apart(store.settings, "risk-contract")
    for _ in range(2):  # whatever was left there
        store.store.make(store.settings, own)
        assert list(store.store.scan(own, *store.active)) == []
        sink = store.store.create(own)
        sink.open()
        batch = [store.score("e1", points=90)]
        assert sink.write(batch) == Written(rows=1)
        sink.close()
        assert list(store.store.scan(own, *store.active)) == expected(batch)
        assert store.scan() == []
    store.store.remove(store.settings, own)
    store.store.remove(store.settings, own)


def erases(store: Own) -> Erases:
    """The store, from which people can be erased: every one is."""
    assert isinstance(store.store, Erases)
    return store.store


def refuse(store: Own, user_id: str, upto: int = NOON) -> None:
    """Put a user on the store's list."""
    known = erases(store).erased(store.settings) or Erased(os.urandom(SALT_BYTES))
    one = Erased(known.salt, {known.hash_of(user_id): upto})
    for _ in range(2):  # again, it changes nothing
        erases(store).add_erased(store.settings, one)
    listed = erases(store).erased(store.settings)
    assert listed is not None
    assert listed.holds(user_id, upto)
    assert not listed.holds(user_id, upto + 1)
    assert not listed.holds(f"{user_id}-", upto)


def erased_and_others(store: Own) -> tuple[list[Score], list[Score]]:
    """Payments of a user of the test's own, and those that have to stay when it is erased."""
    own = store.active[0]
    gone = [
        store.score("e1", points=90, user_id=own),
        store.score("e2", points=10, user_id=own, event_time=NOON - 86_400_000 * 40),
        store.score("e3", points=50, user_id=own, late=True),
    ]
    kept = [
        store.score("e1", points=90, user_id=f"{own}-"),
        store.score("e4", points=60, user_id=own, event_time=NOON + 1),
    ]
    return gone, kept


def test_what_is_erased_of_a_user_is_gone_and_nothing_else(store: Own) -> None:
    own, (gone, kept) = store.active[0], erased_and_others(store)
    halves = store.store.problems(store.settings) if isinstance(store.store, Checks) else []
    store.sink.write([*gone, *kept])
    refuse(store, own)
    before = erases(store).count(store.settings, own, NOON)
    assert max(before.values()) == 3
    assert erases(store).erase(store.settings, own, NOON) == before
    assert store.scan() == expected(kept)
    assert not any(erases(store).count(store.settings, own, NOON).values())
    assert not any(erases(store).erase(store.settings, own, NOON).values())
    if isinstance(store.store, Checks):  # what is derived of scores still fits them
        assert store.store.problems(store.settings) == halves


def test_what_is_delivered_again_brings_no_erased_user_back(store: Own) -> None:
    own, (gone, kept) = store.active[0], erased_and_others(store)
    store.sink.write([*gone, *kept])
    refuse(store, own)
    erases(store).erase(store.settings, own, NOON)
    again = store.sink.write([*gone, late("l1", user_id=own), *kept])
    archives = store.name == "postgres"  # others leave out what is late, uncounted
    assert again == Written(rows=2, erased=4 if archives else 3)
    assert store.scan() == expected(kept)
    other = store.another()
    newer = msgspec.structs.replace(gone[0], revision=1)
    replayed = msgspec.structs.replace(gone[1], kind="replay")
    assert other.write([newer, replayed]).rows == 0
    other.close()
    assert store.scan() == expected(kept)
    assert not any(erases(store).count(store.settings, own, NOON).values())


def test_a_rebuild_brings_no_erased_user_back(store: Own) -> None:
    own, (gone, kept) = store.active[0], erased_and_others(store)
    refuse(store, own)
    store.store.wipe(store.settings)
    assert store.sink.write([*gone, *kept]) == Written(rows=2, erased=3)
    assert store.scan() == expected(kept)


def test_a_writer_at_work_brings_no_erased_user_back(store: Own) -> None:
    own = store.active[0]
    batch = [store.score(f"e{i:02}", points=i, user_id=own) for i in range(50)]
    other = store.score("other", user_id=f"{own}-")
    written, stop = threading.Event(), threading.Event()
    failures: list[Exception] = []

    def run(sink: Sink) -> None:
        try:
            while not stop.is_set():
                sink.write([*batch, other])
                written.set()
        except Exception as error:
            failures.append(error)

    sinks = [store.sink, store.another()]
    threads = [threading.Thread(target=run, args=[sink]) for sink in sinks]
    for thread in threads:
        thread.start()
    assert written.wait(30)
    refuse(store, own)
    erases(store).erase(store.settings, own, NOON)
    stop.set()
    for thread in threads:
        thread.join()
    sinks[1].close()
    assert failures == []
    assert store.scan() == expected([other])
