"""The stages under disorder: however events interleave, crash or are cut into batches, the settled
features are those of the definitions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.engine.features import timeline
from risk.engine.features.catalogue import NAMES, FeatureValue
from risk.engine.features.timeline import Timeline
from risk.engine.payment.transaction import Transaction
from risk.engine.stages import user as user_stage
from risk.engine.stages.base import Frontier, Item, MemoryStore, Raw, Store
from risk.engine.stages.device import DeviceStage
from risk.engine.stages.fused import Fused, Result
from risk.engine.stages.past import BASE
from risk.engine.stages.user import UserStage
from tests.unit.streams import SCORING, START, quiet, raw, reading, records, transaction

LATENESS = SCORING.lateness_ms
Settled = dict[str, tuple[int, dict[str, FeatureValue]]]


class Stores(dict[str, MemoryStore]):
    """A memory store per stage."""

    def __call__(self, stage: str) -> Store:
        return self.setdefault(stage, MemoryStore())


def build(stores: Callable[[str], Store], partitions: int = 2) -> Fused:
    return Fused(stores, reading(range(partitions)))


def note(settled: Settled, result: Result) -> None:
    for txn, features, revision, _, late, _changed in result.scorables:
        if not (late and txn.event_id in settled):  # a late copy replaces nothing
            settled[txn.event_id] = (revision, features.by_name())


def run(raws: list[Raw], cuts: list[int], crashes: frozenset[int] = frozenset()) -> Settled:
    """Score in batches cut at random, restoring from state before the batches in `crashes`."""
    stores = Stores()
    fused = build(stores)
    settled: Settled = {}
    position = 0
    for number, cut in enumerate([*cuts, len(raws)]):
        if number in crashes:
            fused = build(stores)
        note(settled, fused.on_batch(raws[position : position + cut]))
        position += cut
    assert fused.behind_frontier == 0
    note(settled, fused.on_idle(quiet(range(2))))
    return settled


@settings(max_examples=150, deadline=None)
@given(records(), st.lists(st.integers(1, 12), max_size=20), st.lists(st.integers(1, 12)))
def test_batching_changes_nothing(raws: list[Raw], first: list[int], second: list[int]) -> None:
    one = {event: features for event, (_, features) in run(raws, first).items()}
    two = {event: features for event, (_, features) in run(raws, second).items()}
    assert one == two


@settings(max_examples=150, deadline=None)
@given(
    records(),
    st.lists(st.integers(1, 6), max_size=20),
    st.frozensets(st.integers(0, 20)),
    st.sampled_from((0, 64)),
)
def test_restoring_changes_nothing(
    raws: list[Raw], cuts: list[int], crashes: frozenset[int], many: int
) -> None:
    whole = run(raws, cuts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "MANY", many)
        restored = run(raws, cuts, crashes)
    assert {e: f for e, (_, f) in whole.items()} == {e: f for e, (_, f) in restored.items()}


@settings(max_examples=100, deadline=None)
@given(records(), st.lists(st.integers(1, 12), max_size=20))
def test_an_event_is_corrected_at_most_once(raws: list[Raw], cuts: list[int]) -> None:
    assert all(revision <= 1 for revision, _ in run(raws, cuts).values())


def scored(*txns: Transaction) -> Settled:
    fused = build(Stores(), partitions=1)
    settled: Settled = {}
    note(settled, fused.on_batch([raw(txn, offset) for offset, txn in enumerate(txns)]))
    note(settled, fused.on_idle(quiet()))
    return settled


def test_every_feature_of_the_catalogue_is_there_in_its_order() -> None:
    (_, features) = scored(transaction(1))["e0001"]
    assert tuple(features) == NAMES


def test_a_straggler_corrects_the_event_after_it() -> None:
    fused = build(Stores(), partitions=1)
    later = transaction(2, event_time=START + 2_000)
    (first,) = fused.on_batch([raw(later, 0)]).scorables
    assert first.features.by_name()["user_count_5m"] == 1
    fused.on_batch([raw(transaction(1), 1)])
    assert not fused.on_batch([]).scorables
    clock = transaction(3, user_id="u2", ip="10.9.9.9", device_id="d9", event_time=START + 33_000)
    *_, correction = fused.on_batch([raw(clock, 2)]).scorables
    assert (correction.txn.event_id, correction.revision) == ("e0002", 1)
    assert correction.features.by_name()["user_count_5m"] == 2


def test_state_returns_to_nothing_but_profiles() -> None:
    stores = Stores()
    fused = build(stores, partitions=1)
    for number in range(200):
        txn = transaction(number, event_time=START + number * 100, ip=f"10.0.0.{number}")
        fused.on_batch([raw(txn, number)])
    end = transaction(900, user_id="u9", device_id="d9", event_time=START + 3 * 3_600_000)
    fused.on_batch([raw(end, 900)])
    fused.on_batch([raw(transaction(901, event_time=START + 4 * 3_600_000, user_id="u9"), 901)])
    assert fused.ip.sizes() == {"awake": 1, "retained": 0, "batches": 1}
    assert fused.user.sizes()["batches"] == 1
    assert set(stores["ip"].blobs) == {"frontier", "journal/201"}
    assert set(stores["user"].blobs) >= {"base/u1"}
    assert not any(key.startswith("base/d1") for key in stores["device"].blobs)


def test_a_key_that_is_awake_keeps_its_past_over_a_restore() -> None:
    """A batch can hold events hours apart, as partitions can."""
    store = MemoryStore()
    minute = 60_000

    def session(device: DeviceStage, *when: tuple[str, int], frontier: int) -> FeatureValue:
        items = [
            Item(transaction(n, device_id=name, event_time=START + n * minute)) for name, n in when
        ]
        device.on_batch(items, [], Frontier(START + frontier * minute))
        return items[0].values[1] if items else 0

    device = DeviceStage(store)
    session(device, ("d1", 0), frontier=1)
    session(device, ("d1", 20), ("d2", 600), frontier=2)
    session(device, frontier=45)
    assert session(DeviceStage(store), ("d1", 46), frontier=45) == 3


def test_what_comes_behind_the_frontier_is_in_the_past_over_a_restore() -> None:
    store = MemoryStore()
    minute = 60_000

    def new_device(user: UserStage, device: str, at: int, frontier: int) -> FeatureValue:
        txn = transaction(at, device_id=device, event_time=START + at * minute)
        item = Item(txn)
        user.on_batch([item], [], Frontier(START + frontier * minute))
        return item.values[UserStage.names.index("user_new_device")]

    user = UserStage(store)
    new_device(user, "d1", at=0, frontier=0)
    new_device(user, "d1", at=5, frontier=5)
    new_device(user, "d1", at=8, frontier=7)  # both have settled, and the first is forgotten
    assert new_device(user, "d2", at=3, frontier=7)
    assert user.behind_frontier == 1
    assert not new_device(UserStage(store), "d2", at=9, frontier=7)


def test_what_many_events_of_a_user_say_is_folded_while_stragglers_come() -> None:
    """Each straggler would count anew all events since the last fold, of up to a whole window."""
    store = MemoryStore()
    user = UserStage(store)
    for number in range(600):
        time = START + number * 500
        txns = [transaction(2 * number, event_time=time)]
        if number > 20:
            txns.append(transaction(2 * number + 1, event_time=time - 5_000))
        items = [Item(txn) for txn in txns]
        user.on_batch(items, [], Frontier(time - LATENESS))
    [held] = user.some()
    assert isinstance(held, Timeline)
    assert not held.much_unfolded(user.frontier - 5_000)
    assert held.base is not None
    assert sum(name.startswith(BASE) for name in store.blobs) == 1


def test_names_that_many_events_share_are_not_kept_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(user_stage, "MOST_NAMES", 20)
    user = UserStage(MemoryStore())
    for number in range(200):
        txn = transaction(number, merchant_id=f"m{number}", event_time=START + number)
        user.on_batch([Item(txn)], [], Frontier(START))
        assert len(user._names) <= 20 + 3  # a batch's own: merchant, currency, country
