"""Replays say each event of their range once, settled; a promotion leaves no event between two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from risk.engine.features.catalogue import NAMES, FeatureValue
from risk.engine.oracle import Consumed, outcomes
from risk.engine.oracle.features import features
from risk.engine.payment.transaction import Transaction
from risk.engine.stages.base import Correction, Frontier, Item, MemoryStore, Raw, Store
from risk.engine.stages.decide import Decide
from risk.engine.stages.emission import Emission, Scorable
from risk.engine.stages.fused import Fused
from risk.engine.stages.sharded import DeviceShard, IpShard, UserShard
from tests.unit.streams import SCORING, quiet, reading, records, transaction

STARTS = {0: 0, 1: 0}
Key = tuple[str, str, int]
Values = dict[str, FeatureValue]
Cuts = st.lists(st.integers(1, 12), max_size=20)


class Stores(dict[str, MemoryStore]):
    """A memory store per stage."""

    def __call__(self, stage: str) -> Store:
        return self.setdefault(stage, MemoryStore())


def key(txn: Transaction) -> Key:
    return txn.event_id, txn.user_id, txn.event_time


def expected(raws: Sequence[Raw]) -> tuple[dict[Key, tuple[int, int]], dict[Key, Values]]:
    """Where each scored event was read, and its settled features."""
    judged = list(outcomes([Consumed(*astuple(one)) for one in raws], SCORING))
    scored = [one for one in judged if one.outcome == "scored" and one.txn]
    places = {key(o.txn): (o.record.partition, o.record.offset) for o in scored if o.txn}
    return places, {key(txn): found for txn, found in features([o.txn for o in scored if o.txn])}


def run(
    build: Callable[[], Fused], raws: Sequence[Raw], cuts: Sequence[int], crashes: frozenset[int]
) -> list[Scorable]:
    """All scorables, of batches cut at random, restoring before the batches in `crashes`."""
    said: list[Scorable] = []
    fused, position = build(), 0
    for number, cut in enumerate([*cuts, len(raws)]):
        if number in crashes:
            fused = build()
        said += fused.on_batch(raws[position : position + cut]).scorables
        position += cut
    return said + fused.on_idle(quiet(STARTS)).scorables


def bounds(raws: Sequence[Raw], shares: tuple[float, float]) -> dict[int, int]:
    """An offset in each partition."""
    counts = {p: sum(raw.partition == p for raw in raws) for p in STARTS}
    return {p: round(counts[p] * share) for p, share in zip(STARTS, shares, strict=True)}


shares = st.tuples(st.floats(0, 1), st.floats(0, 1))


@settings(max_examples=150, deadline=None)
@given(records(), Cuts, st.frozensets(st.integers(0, 20)), shares, shares)
def test_a_replay_says_each_event_of_its_range_as_it_settles(
    raws: list[Raw],
    cuts: list[int],
    crashes: frozenset[int],
    begin: tuple[float, float],
    end: tuple[float, float],
) -> None:
    first, last = bounds(raws, begin), bounds(raws, end)
    ends = {p: sum(raw.partition == p for raw in raws) for p in STARTS}
    part = {p: (first[p], last[p]) for p in STARTS}
    stores = Stores()
    emission = Emission("replay-1", settled_only=True)

    def build() -> Fused:
        return Fused(stores, reading(STARTS, ends=ends, emitted=part), emission)

    said: defaultdict[Key, list[Values]] = defaultdict(list)
    for txn, found, revision, label, late, _changed in run(build, raws, cuts, crashes):
        assert (revision, label) == (0, "replay-1")
        if not late:
            said[key(txn)].append(found.by_name())
    places, settled = expected(raws)
    wanted = {k: settled[k] for k, (p, at) in places.items() if first[p] <= at < last[p]}
    assert said.keys() == wanted.keys()
    for event, found_each in said.items():
        # What was said because the input has ended is said again by a job restored after that.
        assert len(found_each) == 1 or crashes
        assert all(found == wanted[event] for found in found_each)


@settings(max_examples=100, deadline=None)
@given(records(), Cuts, Cuts)
def test_no_cut_into_batches_changes_what_a_replay_says(
    raws: list[Raw], one: list[int], other: list[int]
) -> None:
    def said(cuts: list[int]) -> set[str]:
        stores, emission = Stores(), Emission("r", settled_only=True)
        scorables = run(
            lambda: Fused(stores, reading(STARTS), emission=emission), raws, cuts, frozenset()
        )
        return {repr(scorable) for scorable in scorables}

    assert said(one) == said(other)


@settings(max_examples=60, deadline=None)
@given(records(), Cuts, shares)
def test_the_sharded_placement_says_the_same(
    raws: list[Raw], cuts: list[int], begin: tuple[float, float]
) -> None:
    part = {p: (first, 2**63) for p, first in bounds(raws, begin).items()}
    ends = {p: sum(raw.partition == p for raw in raws) for p in STARTS}
    emission = Emission("r", settled_only=True)
    fused = Fused(Stores(), reading(STARTS, ends=ends, emitted=part), emission)
    user = UserShard(Stores(), 0, 1, reading(STARTS, ends=ends, emitted=part))
    ip, device = IpShard(Stores(), 0, 1), DeviceShard(Stores(), 1, emission)
    one: list[Scorable] = []
    other: list[Scorable] = []
    position, scored = 0, 0
    for cut in [*cuts, len(raws)]:
        batch = raws[position : position + cut]
        position += cut
        one += fused.on_batch(batch).scorables
        result = user.on_batch(batch)
        scored += result.scored
        for _, parcel in result.parcels:
            for _, passed in ip.on_batch([parcel]):
                other += device.on_batch([passed])
    if raws:
        assert sorted(map(repr, one)) == sorted(map(repr, other))
        assert sum(not scorable.late for scorable in one) == scored


@settings(max_examples=150, deadline=None)
@given(records(), Cuts, st.lists(st.integers(0, 20), max_size=4), st.frozensets(st.integers(0, 20)))
def test_who_said_the_first_word_also_says_the_last(
    raws: list[Raw], cuts: list[int], promotions: list[int], crashes: frozenset[int]
) -> None:
    stores = Stores()
    active = "a"

    def build() -> Fused:
        return Fused(stores, reading(STARTS), emission=Emission(active))

    fused = build()
    owner: dict[tuple[int, int], str] = {}
    last: dict[Key, Scorable] = {}
    position = 0

    def note(scorables: Sequence[Scorable]) -> None:
        for scorable in scorables:
            if scorable.late:
                continue
            event = key(scorable.txn)
            assert (scorable.revision == 0) is (event not in last)
            last[event] = scorable

    for number, cut in enumerate([*cuts, len(raws)]):
        if number in promotions:
            active = "b" if active == "a" else "a"
        if number in promotions or number in crashes:
            fused = build()
        batch = raws[position : position + cut]
        owner |= {(raw.partition, raw.offset): active for raw in batch}
        note(fused.on_batch(batch).scorables)
        position += cut
    note(fused.on_idle(quiet(STARTS)).scorables)
    places, settled = expected(raws)
    assert {k: v.features.by_name() for k, v in last.items()} == settled
    assert {k: v.label for k, v in last.items()} == {k: owner[p] for k, p in places.items()}


def labels(stores: Mapping[str, MemoryStore]) -> int:
    return len(stores["decide"].blobs.get("labels", b""))


@settings(max_examples=30, deadline=None)
@given(records())
def test_labels_are_forgotten_with_their_events(raws: list[Raw]) -> None:
    stores = Stores()
    for turn in range(6):
        fused = Fused(stores, reading(STARTS), emission=Emission("ab"[turn % 2]))
        fused.on_batch(raws if not turn else [])
    few = labels(stores)
    for blob in [name for name in stores["decide"].blobs if name != "labels"]:
        stores["decide"].delete(blob)
    Fused(stores, reading(STARTS), emission=Emission("c"))
    assert labels(stores) <= max(few, 8)


def test_a_batch_is_under_its_own_label_whatever_was_forgotten_before() -> None:
    store = MemoryStore()

    def said(
        label: str, *times: int, frontier: int = 0, correction: Correction | None = None
    ) -> list[Scorable]:
        decide = Decide(store, Emission(label))
        items = [Item(transaction(n, event_time=n), (0,) * len(NAMES)) for n in times]
        for item in items:
            decide.on_batch([item], [], Frontier(0))
        return decide.on_batch([], [correction] if correction else [], Frontier(frontier))

    said("a", 100, 10)
    said("b", frontier=20)  # the younger batch is forgotten, the older one held
    said("b", 50)
    changed = Correction("u1", "e0050", 50, "10.0.0.1", "d1", {NAMES[0]: 1})
    (correction,) = said("c", correction=changed, frontier=60)
    assert (correction.revision, correction.label) == (1, "b")
