"""What a partition remembers of its payments: exactly those that it should, in little room."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.engine.stages import seen
from risk.engine.stages.base import MemoryStore
from risk.engine.stages.seen import Seen, digest

PREFIX = "seen/"
# An id, by how much the mark moves before it is seen, and whether the batch ends with it.
Steps = list[tuple[int, int, bool]]
steps = st.lists(st.tuples(st.integers(0, 30), st.sampled_from((0, 1, 7, 60)), st.booleans()))


class Nowhere(MemoryStore):
    """What a real store holds isn't in memory."""

    def put(self, key: str, blob: bytes) -> None:
        """Forget it."""


def restored(store: MemoryStore) -> Seen:
    found = Seen(store, PREFIX)
    found.load([(name.removeprefix(PREFIX), blob) for name, blob in store.items()])
    return found


def known(found: Seen, batches: list[list[tuple[bytes, int]]], dedup: int) -> list[bool]:
    """Of each payment of the batches, whether it was remembered."""
    answers = []
    for batch in batches:
        found.prepare([key for key, _ in batch])
        for key, mark in batch:
            first = found.first(key, mark)
            answers.append(first is not None)
            if first is None:
                found.add(key, 0, mark + dedup, 0)
        if batch:
            found.save({0: batch[-1][1]})
    return answers


def cut(asked: Steps) -> list[list[tuple[bytes, int]]]:
    batches: list[list[tuple[bytes, int]]] = [[]]
    mark = 1_000
    for number, moved, ends in asked:
        mark += moved
        batches[-1].append((digest(0, "u", str(number)), mark))
        if ends:
            batches.append([])
    return batches


def by_hand(asked: Steps, dedup: int) -> list[bool]:
    until: dict[int, int] = {}
    answers, mark = [], 1_000
    for number, moved, _ in asked:
        mark += moved
        answers.append(until.get(number, -1) >= mark)
        if not answers[-1]:
            until[number] = mark + dedup
    return answers


@settings(max_examples=300, deadline=None)
@given(steps, st.sampled_from((0, 10, 100)), st.sampled_from((1, 3, 50)), st.booleans())
def test_a_payment_is_remembered_exactly_as_long_as_it_should(
    asked: Steps, dedup: int, recent: int, crash: bool
) -> None:
    store = MemoryStore()
    batches = cut(asked)
    half = len(batches) // 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "RECENT", recent)
        found = Seen(store, PREFIX)
        answers = known(found, batches[:half], dedup)
        found = restored(store) if crash else found
        answers += known(found, batches[half:], dedup)
    assert answers == by_hand(asked, dedup)


def test_what_is_forgotten_leaves_the_store() -> None:
    store = MemoryStore()
    found = Seen(store, PREFIX)
    known(found, [[(digest(0, "u", str(n)), n * 10)] for n in range(1_000)], dedup=100)
    assert len(store.blobs) <= 11


def test_a_million_payments_take_32_megabytes_or_less() -> None:
    found = Seen(Nowhere(), PREFIX)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for start in range(0, 1_000_000, 10_000):
            for number in range(start, start + 10_000):
                found.add(digest(0, "u", str(number)), 0, 10**12, 7)
            found.save({0: 0})
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found) == 1_000_000
    assert after - before <= 32_000_000


def test_ids_are_hashed_apart() -> None:
    assert digest(0, "ab", "c") != digest(0, "a", "bc")
    assert digest(0, "1:a", "b") != digest(0, "1", ":ab")
    assert digest(0, "a", "b") != digest(1, "a", "b")
