"""Refusals of messages are let through, and a store that refuses everything alike is found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from risk.engine.delivery import Refused, Written
from risk.engine.refusals import Limit, given_up, merged


def batch(taken: int, *kinds: str, older: int = 0) -> Written:
    refused = tuple(Refused(at, f"{kind} of {at}", kind) for at, kind in enumerate(kinds))
    return Written(taken, older, refused)


def refusals(limit: Limit, batches: int, found: Written) -> int:
    """How many batches are let through before it holds."""
    return next((n for n in range(batches) if limit.judge(found)), batches)


def test_a_poison_message_now_and_then_never_holds() -> None:
    limit = Limit(10)
    for _ in range(100):
        assert limit.judge(batch(1, "check")) is None
        assert limit.judge(batch(2)) is None


def test_refused_one_after_the_other_holds_before_the_limit_is_reached() -> None:
    assert refusals(Limit(10), 99, batch(0, "check")) == 9
    assert refusals(Limit(10), 99, batch(0, *["check"] * 5)) == 1
    assert refusals(Limit(10), 99, batch(0, *["check"] * 10)) == 0


def test_half_of_all_holds_too_and_a_third_does_not() -> None:
    assert refusals(Limit(10), 99, batch(1, "check")) < 20
    assert refusals(Limit(10), 99, batch(2, "check")) == 99
    assert refusals(Limit(10), 9, batch(400, *["check"] * 600)) == 0
    assert refusals(Limit(10), 9, batch(600, *["check"] * 300)) == 9


def test_reasons_that_differ_are_the_messages_own() -> None:
    limit = Limit(10)
    assert all(limit.judge(batch(0, f"kind {n}")) is None for n in range(100))


def test_a_message_that_was_there_already_counts_as_taken() -> None:
    assert refusals(Limit(10), 99, batch(0, "check", older=3)) == 99


def test_what_is_held_is_held_until_the_store_takes_it() -> None:
    limit = Limit(10)
    assert refusals(limit, 99, batch(0, "check")) == 9
    for _ in range(50):
        assert limit.judge(batch(0, "check"))
    assert limit.judge(batch(1)) is None
    assert refusals(limit, 99, batch(0, "check")) == 9  # from the beginning


def test_a_batch_of_which_the_store_says_nothing_mends_nothing() -> None:
    """All of it is of users who have been erased, say."""
    limit = Limit(2)
    assert limit.judge(batch(0, "check", "check"))
    assert limit.judge(batch(0)) is None
    assert limit.judge(batch(0, "check"))


def test_the_line_names_the_store_the_count_and_a_reason() -> None:
    limit = Limit(2)
    held = limit.judge(batch(0, "check", "check"))
    assert held is not None
    assert held.line("postgres") == (
        "postgres has refused 2 of the last 2 messages for the same reason, so its schema or its "
        "settings are wrong, and not they: check of 0 (delivery.refused_limit)"
    )


def test_without_a_limit_nothing_is_held() -> None:
    assert refusals(Limit(0), 99, batch(0, *["check"] * 50)) == 99


@given(st.integers(1, 6), st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=60))
def test_so_many_alike_are_never_put_aside_in_a_row(
    most: int, batches: list[tuple[int, int]]
) -> None:
    limit, row = Limit(most), 0
    for taken, refused in batches:
        if limit.judge(batch(taken, *["check"] * refused)) is None:
            row = 0 if taken else row + refused
            assert row < most


@given(st.integers(1, 6), st.lists(st.integers(1, 9), max_size=60))
def test_what_is_taken_is_never_held(most: int, batches: list[int]) -> None:
    limit = Limit(most)
    assert all(limit.judge(batch(taken)) is None for taken in batches)


def test_a_second_try_is_counted_where_the_messages_stood() -> None:
    first = Written(3, 1, (Refused(5, "no", "k"),), (Refused(2, "?", "d"), Refused(7, "?", "d")))
    second = Written(1, 0, (), (Refused(1, "?", "d"),))
    found = merged(first, second, [2, 7])
    assert found == Written(4, 1, (Refused(5, "no", "k"),), (Refused(7, "?", "d"),))
    refused = merged(first, Written(1, 0, (Refused(0, "no", "k"),)), [2, 7]).refused
    assert refused == (Refused(2, "no", "k"), Refused(5, "no", "k"))
    assert given_up(found) == Written(4, 1, (Refused(5, "no", "k"), Refused(7, "?", "d")), ())
