from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.verify.chaos.kinds import KINDS, find, possible, step_of
from risk.verify.chaos.plan import Targets, make

TARGETS = Targets(("score", "postgres", "redis"), ("kafka",), ("postgres", "redis"))
SEEDS = st.integers(0, 2**32)


@given(SEEDS, st.integers(1, 60))
def test_the_same_seed_makes_the_same_plan(seed: int, faults: int) -> None:
    assert make(seed, faults, KINDS, TARGETS) == make(seed, faults, KINDS, TARGETS)


@given(SEEDS, st.integers(1, 60))
def test_a_longer_plan_begins_as_the_shorter_one_of_the_same_seed(seed: int, faults: int) -> None:
    assert make(seed, faults + 1, KINDS, TARGETS)[:faults] == make(seed, faults, KINDS, TARGETS)


@given(SEEDS)
def test_every_kind_comes_once_before_one_comes_again(seed: int) -> None:
    first = make(seed, len(KINDS), KINDS, TARGETS)
    assert {action.kind for action in first} == {kind.name for kind in KINDS}


@given(SEEDS)
def test_every_target_of_every_kind_comes_once_before_one_comes_again(seed: int) -> None:
    every = sum(len(TARGETS.of(kind)) for kind in KINDS)
    seen = Counter((action.kind, action.target) for action in make(seed, every, KINDS, TARGETS))
    assert set(seen.values()) == {1}
    assert len(seen) == every


@given(SEEDS)
def test_a_fault_lasts_as_long_as_its_kind_says(seed: int) -> None:
    for action in make(seed, 40, KINDS, TARGETS):
        kind = find(action.kind)
        assert kind.least_s <= action.seconds <= kind.most_s
        assert action.pause_s > 0


def test_a_broker_is_frozen_for_longer_than_its_session() -> None:
    assert find("freeze-broker").least_s > 9


def test_only_what_is_asked_for_is_drawn() -> None:
    names = {action.name for action in make(1, 9, KINDS, TARGETS, "^kill-taskmanager score")}
    assert names == {"kill-taskmanager score"}


def test_a_pattern_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault is like 'earthquake'"):
        make(1, 9, KINDS, TARGETS, "earthquake")


def test_a_store_is_not_emptied_where_it_is_not_chaos_own() -> None:
    assert "empty-store" not in {kind.name for kind in possible(())}
    assert "empty-store" in {kind.name for kind in possible(["own"])}


def test_a_fault_of_some_stores_is_drawn_for_no_other() -> None:
    targets = Targets((), (), ("postgres", "redis", "elasticsearch"))
    drawn = {one.target for one in make(1, 9, KINDS, targets, "^fail-over-store")}
    assert drawn == {"postgres", "redis"}
    assert {one.target for one in make(1, 9, KINDS, targets, "^full-store")} == {*targets.stores}


def test_a_command_is_killed_at_its_start_and_at_each_of_its_steps() -> None:
    for name, steps in {"kill-promote": 5, "kill-replay": 3}.items():
        drawn = make(1, steps, KINDS, TARGETS, f"^{name}")
        assert {step_of(one.target) for one in drawn} == set(range(steps))


def test_an_unknown_kind_is_told_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="there are kill-taskmanager"):
        find("earthquake")
