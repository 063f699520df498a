"""A straggler may be counted in last where that comes to the same as where it belongs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from risk.engine.features.catalogue import SECOND
from risk.engine.features.declared import steps
from risk.engine.features.declared.compiler import compile_key
from risk.engine.features.entry import Entry
from risk.engine.rules.declaration import Declaration

KEY = ("device_id",)
STEP = 10 * SECOND
SPANS = ((6 * STEP, STEP), (6 * STEP, 2 * STEP))
ONES = [
    Declaration(f"{value}_{window}_{step}", KEY, value, of, window=window, step=step)
    for window, step in SPANS
    for value, of in (
        ("count", ""),
        ("stddev", "amount"),
        ("min", "amount"),
        ("max", "amount"),
        ("distinct", "user_id"),
    )
]
FIRST = Declaration("first", KEY, "first", "amount", window=6 * STEP, step=STEP)
GAPS = st.sampled_from((0, 0, 1, SECOND, 3 * SECOND, 11 * SECOND, 70 * SECOND))


@st.composite
def in_order(draw: st.DrawFn) -> list[Entry]:
    found, time = [], 1_000 * STEP
    for number in range(draw(st.integers(2, 25))):
        time += draw(GAPS)
        user, amount = f"u{draw(st.integers(0, 5))}", draw(st.integers(0, 9))
        found.append(Entry(time, f"e{number:02d}", user, "ip", "d", amount))
    return found


def counted(fold: Any, entries: list[Entry]) -> Any:
    for one in entries:
        fold.count(one)
    return fold


@given(in_order(), st.data(), st.sampled_from((1, 2, 1_024)))
def test_what_commutes_is_counted_as_in_its_place(
    entries: list[Entry], data: st.DataObject, most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "STEP_DISTINCT", most)
        fold: Any = compile_key(ONES).fold
    place = data.draw(st.integers(0, len(entries) - 2))  # something is later
    straggler, later = entries[place], entries[place + 1 :]
    then = counted(fold(), entries[:place])
    head = counted(then.copy(), later)
    within = straggler.time // STEP == later[-1].time // STEP
    if head.commutes(straggler, then):
        assert within
        head.count(straggler)
        assert astuple(head) == astuple(counted(fold(), entries))
    else:
        assert most < 1_024 or not within


def test_the_first_of_a_step_never_commutes() -> None:
    fold: Any = compile_key([*ONES, FIRST]).fold
    head = counted(fold(), [Entry(STEP + 1, "b", "u", "ip", "d")])
    assert not head.commutes(Entry(STEP, "a", "u", "ip", "d"), fold())
