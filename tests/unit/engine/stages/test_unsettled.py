"""Which timelines are settled when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from risk.engine.stages.unsettled import Unsettled

CHANGES = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 20)), max_size=30)


def test_a_key_is_due_once_at_its_first_change() -> None:
    unsettled = Unsettled()
    for key, time in (("a", 5), ("b", 3), ("a", 2), ("a", 9)):
        unsettled.add(key, time)
    assert list(unsettled.due(1)) == []
    assert list(unsettled.due(4)) == ["a", "b"]
    assert list(unsettled.due(99)) == []


def test_a_key_that_has_more_is_due_again() -> None:
    unsettled = Unsettled()
    unsettled.add("a", 1)
    for key in unsettled.due(3):
        unsettled.add(key, 7)
    assert list(unsettled.due(6)) == []
    assert list(unsettled.due(7)) == ["a"]


@given(st.lists(st.tuples(CHANGES, st.integers(0, 20)), max_size=6))
def test_all_whose_first_change_has_settled_are_due_and_no_others(
    steps: list[tuple[list[tuple[str, int]], int]],
) -> None:
    unsettled = Unsettled()
    first: dict[str, int] = {}
    for changes, settled in steps:
        for key, time in changes:
            unsettled.add(key, time)
            first[key] = min(time, first.get(key, time))
        due = list(unsettled.due(settled))
        assert sorted(due) == sorted(key for key, time in first.items() if time <= settled)
        for key in due:
            del first[key]
