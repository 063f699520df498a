"""Payments of several partitions in one batch are taken side by side, each partition's in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from risk.engine.stages.abreast import abreast

reached = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1_000)))


def furthest(batch: list[tuple[int, int]]) -> list[int]:
    """How far each payment's partition has come with it, by brute force."""
    return [
        max(time for other, time in batch[: n + 1] if other == partition)
        for n, (partition, _) in enumerate(batch)
    ]


@given(reached)
def test_each_partition_keeps_its_order_and_who_has_come_less_far_is_first(
    batch: list[tuple[int, int]],
) -> None:
    order = abreast(batch)
    partitions = {partition for partition, _ in batch}
    if len(partitions) < 2:
        assert order is None
        return
    assert order is not None
    assert sorted(order) == [*range(len(batch))]
    for partition in partitions:
        own = [n for n in order if batch[n][0] == partition]
        assert own == sorted(own)
    marks = furthest(batch)
    assert [marks[n] for n in order] == sorted(marks)


def test_turns_of_a_backlog_become_one_stream() -> None:
    turns = [(0, 1), (0, 3), (0, 5), (1, 2), (1, 4), (1, 6)]
    order = abreast(turns)
    assert order is not None
    assert [turns[n][1] for n in order] == [1, 2, 3, 4, 5, 6]


def test_a_straggler_stays_where_its_partition_read_it() -> None:
    batch = [(0, 5), (0, 1), (1, 2), (1, 6)]
    order = abreast(batch)
    assert order is not None
    assert [batch[n] for n in order] == [(1, 2), (0, 5), (0, 1), (1, 6)]
