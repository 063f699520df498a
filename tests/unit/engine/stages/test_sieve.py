"""What a sieve lets through: all that it was made of, and little else."""

from __future__ import annotations

import numpy as np
import pytest

from risk.engine.stages.sieve import Marked, Sieve, Words


def hashes(count: int) -> Words:
    return np.sort(np.random.default_rng(count).integers(0, 2**64, count, dtype=np.uint64))


@pytest.mark.parametrize("count", [0, 1, 2, 5, 1_000, 100_000])
def test_all_that_it_was_made_of_is_let_through(count: int) -> None:
    made_of = hashes(count)
    assert len(Sieve(made_of).let_through(Marked.of(made_of))) == count


def test_also_the_least_and_the_largest() -> None:
    ends = np.array([0, 2**64 - 1], dtype=np.uint64)
    assert Sieve(ends).let_through(Marked.of(ends)).tolist() == [0, 1]


@pytest.mark.parametrize("count", [1, 1_000, 100_000])
def test_of_others_one_in_fifty_at_most(count: int) -> None:
    others = hashes(20_000)
    assert len(Sieve(hashes(count)).let_through(Marked.of(others))) <= len(others) / 50
