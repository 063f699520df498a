"""A key's timeline in any order of arrival: its settled features are those of events in order."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.engine.features import marks, timeline
from risk.engine.features.cursor import Cursors
from risk.engine.features.declared.compiler import compile_key
from risk.engine.features.entry import Entry
from risk.engine.features.shape import Shape, Values
from risk.engine.features.timeline import Timeline
from risk.engine.rules.declaration import Declaration

WINDOW = 120
LATENESS = 60
GAP = 20
CODE = compile_key(
    [
        Declaration("count", ("device_id",), "count", window=WINDOW),
        Declaration("users", ("device_id",), "distinct", "user_id", window=WINDOW),
        Declaration("session", ("device_id",), "duration", session=GAP),
        Declaration("session_count", ("device_id",), "count", session=GAP),
        Declaration("session_users", ("device_id",), "distinct", "user_id", session=GAP),
        Declaration("later", ("device_id",), "count", window=WINDOW, step=GAP),
        Declaration("later_users", ("device_id",), "distinct", "user_id", window=WINDOW, step=GAP),
    ]
)
[(_, Window)] = CODE.windows
Session: Any = CODE.fold
SHAPES = {
    "sliding": Shape(None, CODE.windows),
    "history": Shape(CODE.fold, ()),
    "both": Shape(CODE.fold, CODE.windows),
}


def entry(time: int, event_id: str, user_id: str = "u") -> Entry:
    return Entry(time, event_id, user_id, "ip", "d")


def counted(base: Any, method: str) -> tuple[Any, list[Entry]]:
    """A class as `base`, and the entries that this method of it is called with."""
    calls: list[Entry] = []

    def call(self: Any, entry: Entry) -> Any:
        calls.append(entry)
        return getattr(base, method)(self, entry)

    return type(f"Counted{base.__name__}", (base,), {method: call}), calls


def lanes(rng: Random, count: int) -> list[Entry]:
    """Entries in the order in which they come: of several lanes, each behind by a lag of its own,
    and each a little in disorder itself.
    """
    found = []
    lags = [rng.randrange(LATENESS // 2) for _ in range(rng.randint(1, 4))]
    for number in range(count):
        come = number // 3
        time = 1_000 + come - rng.choice(lags) - rng.choice((0, 0, 0, rng.randrange(20)))
        found.append(entry(time, f"e{number:05d}", f"u{rng.randrange(9)}"))
    return found


def in_order(shape: Shape, entries: list[Entry]) -> dict[Entry, Values]:
    whole = Timeline("key", shape)
    return {entry: whole.insert(entry) for entry in sorted(entries)}


def as_they_come(shape: Shape, entries: list[Entry], rng: Random) -> dict[Entry, Values]:
    """The last word on each entry, the frontier following at any pace."""
    line = Timeline("key", shape)
    found: dict[Entry, Values] = {}
    highest = frontier = -1
    for entry in entries:
        found[entry] = line.insert(entry)
        highest = max(highest, entry.time)
        if rng.random() < 0.3:
            frontier = max(frontier, highest - LATENESS - 1 - rng.randrange(10))
            found.update(line.settle(frontier))
            if rng.random() < 0.5:
                line.fold(frontier)
            if rng.random() < 0.5:
                line.prune(frontier - WINDOW)
    found.update(line.settle(2**62))
    return found


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32),
    st.sampled_from((0, 3, 8, 500)),
    st.sampled_from((0, 8, 64)),
    st.sampled_from((1, 2, 8)),
    st.sampled_from((1, 7, 64)),
)
def test_any_order_settles_as_in_order(
    name: str, seed: int, scan: int, few: int, most: int, apart: int
) -> None:
    rng = Random(seed)
    entries = lanes(rng, rng.randint(0, 400))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "SCAN", scan)
        patch.setattr(timeline, "FEW", few)
        patch.setattr(Cursors, "MOST", most)
        patch.setattr(marks, "APART", apart)
        patch.setattr(marks, "MOST", 400 // apart)
        assert as_they_come(SHAPES[name], entries, rng) == in_order(SHAPES[name], entries)


def test_stragglers_of_several_lanes_cost_no_more_than_those_that_come_in_order() -> None:
    """Four lanes, the last of them 2,000 entries behind the first: no walk to and fro for each."""
    window, steps = counted(Window, "add")
    line = Timeline("key", Shape(None, [(4_000, window)]))
    count = 12_000
    for number in range(count):
        line.insert(entry(10_000 + number - 700 * (number % 4), f"e{number:05d}"))
    assert len(steps) < 8 * count


def test_a_straggler_that_is_late_by_little_costs_little_among_however_many() -> None:
    history, again = counted(Session, "count")
    line = Timeline("key", Shape(history, ()))
    count = 20_000
    for number in range(count):  # as of one millisecond: in pairs, the later of which comes first
        line.insert(entry(10_000 + number // 2, f"e{number ^ 1:05d}"))
    assert len(again) < 25 * count
    assert line.marks is not None
    assert len(line.marks.found) < 100


def test_settling_a_little_at_a_time_replays_nothing_twice() -> None:
    history, observed = counted(Session, "observe")
    line = Timeline("key", Shape(history, ()))
    for number in range(1, 2_000):
        line.insert(entry(number, f"e{number:05d}"))
    line.insert(entry(0, "straggler"))
    observed.clear()
    settled = [entry for frontier in range(2_000) for entry, _ in line.settle(frontier)]
    assert len(settled) == 2_000
    assert len(observed) < 2 * len(settled)


def test_a_straggler_counts_again_what_is_later_and_little_else() -> None:
    """Of 4,000 entries that aren't folded, the last hundred are later than each straggler."""
    history, again = counted(Session, "count")
    line = Timeline("key", Shape(history, ()))
    for number in range(4_000):
        line.insert(entry(number, f"e{number:05d}"))
    line.insert(entry(3_900, "straggler"))
    again.clear()
    for number in range(4_000, 4_200):
        line.insert(entry(number, f"e{number:05d}"))
        line.insert(entry(number - 100, "straggler"))
    assert len(again) < 200 * (100 + 4_200 // marks.MOST)
