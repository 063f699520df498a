"""No more payments of a partition count than may: the oracle and any restart agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from risk.config.settings import Scoring
from risk.engine.oracle import Consumed, outcomes
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.codec import pack, unpack
from risk.engine.stages.ingest import MARKS, Ingest
from risk.engine.stages.partition_limit import SPAN_MS, PartitionLimit
from tests.unit.engine.stages.test_oracle_stages import CUTS, PARTITIONS
from tests.unit.streams import START, raw, reading, records, transaction

Place = tuple[int, int, int]  # partition, offset, ms late


def parts(raws: Sequence[Raw], cuts: Iterable[int]) -> Iterator[Sequence[Raw]]:
    at = 0
    for cut in cuts:
        yield raws[at : at + cut]
        at += cut
    yield raws[at:]


def late(
    raws: Sequence[Raw], most: int, cuts: Sequence[int] = (), restarts: Iterable[int] = ()
) -> tuple[list[Place], int]:
    """What is late, and how many are so beyond the limit, cut into batches and with restarts."""
    store, over, found = MemoryStore(), 0, []
    own = reading(range(PARTITIONS), max_partition_payments=most)
    ingest = Ingest(store, own)
    for number, part in enumerate(parts(raws, cuts)):
        if number in restarts:
            over += ingest.over_limit
            ingest = Ingest(store, own)
        found += [
            (one.raw.partition, one.raw.offset, one.late_by) for one in ingest.on_batch(part).late
        ]
        ingest.frontier()
    return sorted(found), over + ingest.over_limit


def expected(raws: Sequence[Raw], most: int) -> list[Place]:
    scoring = Scoring(max_partition_payments=most)
    judged = outcomes([Consumed(*astuple(one)) for one in raws], scoring)
    return sorted(
        (one.record.partition, one.record.offset, one.late_by)
        for one in judged
        if one.outcome == "late"
    )


@settings(max_examples=150, deadline=None)
@given(
    records(PARTITIONS), st.integers(1, 12), CUTS, st.frozensets(st.integers(0, 20)), st.booleans()
)
def test_the_oracle_finds_the_same_beyond_it(
    raws: list[Raw], most: int, cuts: list[int], restarts: frozenset[int], dense: bool
) -> None:
    if dense:  # all of it within a minute or two
        raws = [replace(one, append_time=START + (one.append_time - START) // 20) for one in raws]
    found, over = late(raws, most, cuts, restarts)
    assert found == expected(raws, most)
    assert over == sum(late_by == 0 for _, _, late_by in found)


def payments(times: Sequence[int]) -> list[Raw]:
    return [raw(transaction(n, event_time=START + time), n) for n, time in enumerate(times)]


BEGIN = -START % SPAN_MS  # of ten minutes, in ms after START


def test_it_is_of_each_partition_alone_and_of_each_ten_minutes() -> None:
    burst = payments([0] * 5)
    end = [BEGIN + SPAN_MS - 1] * 5
    later = payments([*end, BEGIN + SPAN_MS, BEGIN + SPAN_MS])
    assert late(burst, 3) == ([(0, 3, 0), (0, 4, 0)], 2)
    assert late(burst, 5) == ([], 0)
    assert late(later, 3) == ([(0, 3, 0), (0, 4, 0)], 2)
    elsewhere = [replace(one, partition=one.offset % 2) for one in payments([0] * 6)]
    assert late(elsewhere, 3) == ([], 0)


def test_who_begins_in_the_middle_agrees_from_the_next_ten_minutes_on() -> None:
    raws = payments([n * 10_000 for n in range(400)])
    whole, _ = late(raws, 30)
    part, _ = late(raws[100:], 30)
    settled = START + BEGIN + 2 * SPAN_MS
    since = next(n for n, one in enumerate(raws) if one.append_time >= settled)
    assert [one for one in part if one[1] >= since] == [one for one in whole if one[1] >= since]
    assert whole != part
    assert [one for one in whole if one[1] >= since]


def test_copies_of_what_is_beyond_it_are_duplicates_and_what_is_late_takes_no_room() -> None:
    one, two = payments([0, 0])
    again = replace(two, offset=2)
    assert late([one, two, again], 1) == ([(0, 1, 0)], 1)
    (behind,) = (raw(transaction(7, event_time=START - 40_000), 1),)
    on_time = raw(transaction(8, event_time=START), 2)
    found, over = late([one, behind, on_time], 2)
    assert (found, over) == ([(0, 1, 40_000)], 0)


def test_state_of_before_there_was_a_limit_counts_nothing() -> None:
    store, own = MemoryStore(), reading(max_partition_payments=2)
    ingest = Ingest(store, own)
    ingest.on_batch(payments([0, 0]))
    ingest.frontier()
    store.blobs[MARKS] = pack(unpack(store.blobs[MARKS])[:4])
    more = payments([0] * 5)[2:]
    assert [one.raw.offset for one in Ingest(store, own).on_batch(more).late] == [4]


def test_it_says_how_full_the_fullest_ten_minutes_are() -> None:
    limit = PartitionLimit(3)
    assert limit.fullest() == 0
    for partition in (0, 1, 1, 1, 1):
        limit.admits(partition, START, START)
    assert limit.fullest() == 3
    for partition in (0, 1):
        limit.admits(partition, START + SPAN_MS, START + SPAN_MS)
    assert limit.fullest() == 1


@pytest.mark.parametrize("apart", [1, 10_000, SPAN_MS // 3, 7 * SPAN_MS])
def test_what_it_holds_is_a_few_numbers(apart: int) -> None:
    limit = PartitionLimit(10**9)
    for number in range(2_000):
        time = START + number * apart
        assert limit.admits(0, time, time + number % 2 * 300_000)  # ahead of its mark
        (spans,) = limit.counts().values()
        assert len(spans) <= 3
