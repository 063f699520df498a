"""A record that a stage fails on is left out, without a trace, and all others are exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from flink_jobs.state import ShardState
from risk.engine.oracle import Consumed, outcomes
from risk.engine.oracle.features import features
from risk.engine.payment.transaction import Transaction
from risk.engine.stages.base import Correction, Fault, Frontier, Item, Raw
from risk.engine.stages.fused import Fused, Result
from risk.engine.stages.guard import (
    MOST_IN_A_ROW,
    Guard,
    counts,
    go_on_counting,
    one_by_one,
    pieces,
)
from risk.engine.stages.parcel import Parcel
from risk.engine.stages.sharded import IpShard
from tests.unit.engine.stages.test_oracle_stages import CUTS, PARTITIONS, Decided, key, streams
from tests.unit.streams import SCORING, quiet, raw, reading, transaction

STARTS = range(PARTITIONS)
POISON = "a rule that nobody foresaw"


class Map(dict[str, bytes]):
    """Map state in a dict."""

    def put_all(self, entries: dict[str, bytes]) -> None:
        self.update(entries)

    def remove(self, key: str) -> None:
        self.pop(key, None)


class Touchy:
    """A stage that raises on some events, once it has taken them in."""

    def __init__(self, stage: Any, poison: Iterable[str]) -> None:
        self._stage, self._poison = stage, frozenset(poison)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage, name)

    def on_batch(
        self, items: Sequence[Item], corrections: Sequence[Correction], frontier: Frontier
    ) -> tuple[list[Item], list[Correction]]:
        found: tuple[list[Item], list[Correction]] = self._stage.on_batch(
            items, corrections, frontier
        )
        for item in items:
            if item.txn.event_id in self._poison:
                raise ZeroDivisionError(POISON)
        return found


class Engine:
    """The fused stages over a map, as the operator keeps them; `poison` are event_ids."""

    def __init__(self, held: Map, poison: Iterable[str], stage: str) -> None:
        self._held, self._poison, self._stage = held, poison, stage
        self.loads = 0
        self._counted: list[int] | None = None
        self._load()
        self._guard: Guard[Raw, Result] = Guard(
            lambda raws: self.stages.on_batch(raws), self._load, one_by_one, self._condemned
        )

    def take(self, raws: Sequence[Raw]) -> Iterator[Result]:
        for _, found in self._guard.take(raws):
            yield found
            self._state.flush()
            self._counted = counts(self.stages)

    def _load(self) -> None:
        self.loads += 1
        self._state = ShardState(self._held)
        self.stages = Fused(self._state.store, reading(STARTS))
        if self._counted is not None:
            go_on_counting(self.stages, self._counted)
        setattr(self.stages, self._stage, Touchy(getattr(self.stages, self._stage), self._poison))

    def _condemned(self, raw: Raw, error: Exception) -> Raw:
        return replace(raw, fault=Fault("internal_error", str(error)))


def place(raw: Raw) -> tuple[int, int]:
    return raw.partition, raw.offset


class Story:
    """What is said of a stream, cut into batches. Some are lost in a crash, and come again."""

    def __init__(
        self,
        raws: Sequence[Raw],
        cuts: Sequence[int],
        crashes: frozenset[int],
        poison: Iterable[str],
        stage: str,
    ) -> None:
        self.settled: Decided = {}
        self.failed: set[tuple[int, int]] = set()
        self.rejected: list[tuple[int, int]] = []
        held = Map()
        engine = Engine(held, poison, stage)
        position = 0
        for number, cut in enumerate([*cuts, len(raws)]):
            batch = raws[position : position + cut]
            position += cut
            if number in crashes:
                saved = Map(held)
                lost = self._failed(engine.take(batch))
                held = saved
                engine = Engine(held, poison, stage)
                said = list(engine.take(batch))
                assert self._failed(said) == lost  # as before
            else:
                said = list(engine.take(batch))
            self._note(said)
        assert not crashes or position
        self._note([engine.stages.on_idle(quiet(range(PARTITIONS)))])
        self.records = engine.stages.ingest.records
        self.read_to = engine.stages.ingest.read_to
        self.behind = engine.stages.behind_frontier

    def _note(self, said: Iterable[Result]) -> None:
        for found in said:
            for txn, known, _, _, late, _changed in found.scorables:
                if not late:
                    self.settled[key(txn)] = known.by_name()
            self.rejected += [(one.raw.partition, one.raw.offset) for one in found.rejected]
            self.failed |= self._failed([found])

    @staticmethod
    def _failed(said: Iterable[Result]) -> set[tuple[int, int]]:
        return {
            (one.raw.partition, one.raw.offset)
            for found in said
            for one in found.rejected
            if one.reason == "internal_error"
        }


@settings(max_examples=80, deadline=None)
@given(
    raws=streams(),
    cuts=CUTS,
    crashes=st.frozensets(st.integers(0, 10), max_size=3),
    stage=st.sampled_from(("user", "ip", "device")),
    data=st.data(),
)
def test_what_a_stage_fails_on_leaves_no_trace(
    raws: list[Raw], cuts: list[int], crashes: frozenset[int], stage: str, data: st.DataObject
) -> None:
    """All is as if the records that were found had been rejected before anyone had seen them."""
    ids = sorted({f"e{number:04d}" for number in (*range(6), *range(1_000, 1_006))})
    poison = data.draw(st.sets(st.sampled_from(ids), max_size=3))
    story = Story(raws, cuts, crashes, poison, stage)
    records = [
        Consumed(*astuple(one)[:5])._replace(fault="x" * (place(one) in story.failed))
        for one in raws
    ]
    judged = list(outcomes(records, SCORING))
    scored: list[Transaction] = []
    for one in judged:
        if one.outcome == "scored" and one.txn:
            assert one.txn.event_id not in poison  # each of them was found,
            scored.append(one.txn)
    for partition, offset in story.failed:  # and nothing but them
        (found,) = [one for one in raws if place(one) == (partition, offset)]
        assert any(f'"{event_id}"'.encode() in (found.value or b"") for event_id in poison)
    assert story.settled == {key(txn): found for txn, found in features(scored)}
    assert sorted(story.rejected) == sorted(
        (one.record.partition, one.record.offset) for one in judged if one.outcome == "rejected"
    )
    ends = {p: 1 + max((r.offset for r in raws if r.partition == p), default=-1) for p in STARTS}
    assert story.read_to == ends
    assert story.behind == 0
    if not crashes:  # a new engine counts anew
        assert story.records == len(raws)


def test_one_among_many_costs_two_loads() -> None:
    txns = [transaction(n, user_id=f"u{n}") for n in range(50)]
    engine = Engine(Map(), {"e0031"}, "device")
    said = list(engine.take([raw(txn, n) for n, txn in enumerate(txns)]))
    assert engine.loads == 3
    assert sum(found.scored for found in said) == 49
    (reject,) = [one for found in said for one in found.rejected]
    assert (reject.raw.offset, reject.reason, reject.message) == (31, "internal_error", POISON)
    list(engine.take([raw(transaction(60, user_id="v"), 50)]))
    assert engine.loads == 3


def test_where_every_record_fails_none_is_to_blame() -> None:
    """Nothing is left undecided because of a mistake of ours: the job ends, which is seen."""
    txns = [transaction(n, user_id=f"u{n}") for n in range(2 * MOST_IN_A_ROW)]
    engine = Engine(Map(), {txn.event_id for txn in txns}, "ip")
    said: list[Result] = []
    batches = (engine.take([raw(txn, number)]) for number, txn in enumerate(txns))
    with pytest.raises(ZeroDivisionError):
        said.extend(found for batch in batches for found in batch)
    assert sum(len(found.rejected) for found in said) == MOST_IN_A_ROW


def test_what_fails_without_a_record_is_raised() -> None:
    def attempt(entries: Sequence[Raw]) -> None:
        raise ValueError("always")

    guard: Guard[Raw, None] = Guard(attempt, lambda: None, one_by_one, lambda raw, _: raw)
    with pytest.raises(ValueError, match="always"):
        list(guard.take([raw(transaction(1), 0)]))


def test_memory_that_runs_out_is_no_records_fault() -> None:
    def attempt(entries: Sequence[Raw]) -> None:
        raise MemoryError

    guard: Guard[Raw, None] = Guard(attempt, lambda: None, one_by_one, lambda raw, _: raw)
    with pytest.raises(MemoryError):
        list(guard.take([raw(transaction(1), 0)]))


def test_an_event_is_left_out_of_its_parcel() -> None:
    """The others go on, and the sender's frontier comes after all that it sent."""
    txns = [transaction(n, user_id=f"u{n}") for n in range(6)]
    items = [Item(txn, (1, 1), partition=0, offset=n) for n, txn in enumerate(txns)]
    held = Map()
    part, state = None, None
    out: list[int] = []

    def load() -> None:
        nonlocal part, state
        state = ShardState(held)
        part = IpShard(state.store, 0, 2)
        part.ip = Touchy(part.ip, {"e0003"})  # type: ignore[assignment]

    def attempt(parcels: Sequence[Parcel]) -> list[tuple[int, Parcel]]:
        assert part is not None
        return part.on_batch(parcels)

    def condemned(parcel: Parcel, error: Exception) -> Parcel:
        out.extend(item.offset for item in parcel.items)
        return replace(parcel, items=[])

    load()
    guard = Guard(attempt, load, pieces, condemned)
    sent: list[Parcel] = []
    frontier = txns[0].event_time - 1
    parcels = [Parcel(0, frontier, False, items, []), Parcel(1, frontier + 50, False, [], [])]
    for _, addressed in guard.take(parcels):
        sent += [parcel for _, parcel in addressed]
        assert state is not None
        state.flush()
    assert out == [3]
    assert sorted(item.offset for parcel in sent for item in parcel.items) == [0, 1, 2, 4, 5]
    assert max(parcel.frontier for parcel in sent) == frontier
    assert all(parcel.frontier < frontier for parcel in sent if parcel.items)
