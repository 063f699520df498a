"""What was told to have settled before a record was read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from risk.engine.takeover.passed import Passed

OFFSETS = st.integers(0, 8)
WORDS = st.lists(st.tuples(st.integers(0, 9), st.dictionaries(st.integers(0, 1), OFFSETS)))


@given(WORDS, st.integers(0, 1), OFFSETS)
def test_it_is_the_furthest_of_all_words_that_had_not_read_so_far(
    words: list[tuple[int, dict[int, int]]], partition: int, offset: int
) -> None:
    passed = Passed()
    for frontier, read_to in words:
        passed.tell(frontier, read_to)
    told = [frontier for frontier, read_to in words if read_to.get(partition, 9) <= offset]
    assert passed.before(partition, offset) == max(told, default=-1)
