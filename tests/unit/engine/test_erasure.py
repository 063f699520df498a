"""The list of erased users: who is on it, up to when, and what of a batch it takes out."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from risk.engine.erasure import SALT_BYTES, Erased, of_rows


class Payment(NamedTuple):
    user_id: str
    event_time: int


SALT = bytes(range(SALT_BYTES))
PAYMENTS = st.lists(st.builds(Payment, st.sampled_from("abc"), st.integers(0, 9)), max_size=20)


@given(PAYMENTS, st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)))
def test_a_batch_is_split_as_each_payment_by_itself(
    batch: list[Payment], users: dict[str, int]
) -> None:
    listed = Erased(SALT)
    for user, upto in users.items():
        listed = listed.added(listed.hash_of(user), upto)
    kept, gone = listed.split(batch)
    assert sorted([*kept, *gone]) == list(range(len(batch)))
    for at, one in enumerate(batch):
        erased = one.event_time <= users.get(one.user_id, -1)
        assert (at in gone) == erased == listed.holds(one.user_id, one.event_time)


def test_an_earlier_erasure_never_cuts_a_later_one_short() -> None:
    key = Erased(SALT).hash_of("a")
    listed = Erased(SALT).added(key, 9).added(key, 5)
    assert listed.holds("a", 9)


def test_another_salt_gives_other_hashes() -> None:
    assert Erased(SALT).hash_of("a") != Erased(bytes(SALT_BYTES)).hash_of("a")
    assert len(Erased(SALT).hash_of("é" * 128)) == 64


def test_rows_of_bytes_become_the_list() -> None:
    key = Erased(SALT).hash_of("a")
    assert of_rows(SALT, {bytes.fromhex(key): 7}).holds("a", 7)
