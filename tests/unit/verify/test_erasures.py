"""Rows of erased users: they are not missed, and one that is there all the same is told."""

from __future__ import annotations

from typing import Any

from risk.engine.erasure import SALT_BYTES, Erased
from risk.engine.oracle import Expected
from risk.verify import store_comparison
from risk.verify.erasures import said_of_others, without
from sinks.stored import Stored
from tests.unit.engine.test_feedback import logged, said

BEFORE, AFTER = 1_700_000_000_000, 1_700_000_000_001
SETTLED: Any = None  # which score it is doesn't matter here


def erased(*users: str) -> Erased:
    listed = Erased(bytes(SALT_BYTES))
    for user in users:
        listed = listed.added(listed.hash_of(user), BEFORE)
    return listed


def want() -> Expected:
    scores = {("e1", "u1", BEFORE): SETTLED, ("e2", "u1", AFTER): SETTLED}
    late = {("e3", "u1", BEFORE): SETTLED, ("e3", "u2", BEFORE): SETTLED}
    return Expected(scores, late, [], [], 0, 0)


def test_what_was_erased_is_not_wanted_and_all_else_is() -> None:
    assert without(want(), erased()) == want()
    assert set(without(want(), erased("u1")).rows) == {("e2", "u1", AFTER), ("e3", "u2", BEFORE)}


def test_a_row_of_an_erased_user_must_not_be_there() -> None:
    row = Stored("e1", "u1", BEFORE, 0, 0, "ALLOW", (), "f")
    left = without(Expected({("e1", "u1", BEFORE): SETTLED}, {}, [], [], 0, 0), erased("u1"))
    ruleset: Any = None
    assert store_comparison.store("redis", [], left, {}, ruleset) == (0, [])
    assert store_comparison.store("redis", [row], left, {}, ruleset) == (
        1,
        [f"redis: event e1 of user u1 at {BEFORE} must not be there"],
    )


def test_feedback_on_an_erased_users_payments_is_not_missed() -> None:
    log = [logged(said(), 1), logged(said("legitimate"), 2)]
    assert list(said_of_others(log, erased())) == log
    assert list(said_of_others(log, erased("u1"))) == []
