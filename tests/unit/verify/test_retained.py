"""Rows that are past a store's retention: they are neither missed nor compared."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from risk.config.settings import Settings
from risk.engine.oracle import Expected
from risk.verify.comparison import Scores
from risk.verify.retained import since, without
from risk.verify.store_reading import scores_in
from sinks.stored import Stored
from tests import memory_store
from tests.contract.messages import score

LIMIT = 1_700_000_000_000
SETTLED: Any = None  # which score it is doesn't matter here


def test_what_is_before_the_limit_is_not_compared() -> None:
    scores = {("e1", "u1", LIMIT - 1): SETTLED, ("e2", "u1", LIMIT): SETTLED}
    late = {("e3", "u1", LIMIT - 1): SETTLED, ("e4", "u2", LIMIT): SETTLED}
    want = Expected(scores, late, [], [], 0, 0)
    assert without(want, 0) == want
    assert set(without(want, LIMIT).rows) == {("e2", "u1", LIMIT), ("e4", "u2", LIMIT)}
    rows = [Stored(name, "u1", at, 0, 0, "ALLOW", (), "f") for name, _, at in scores]
    assert [row.event_id for row in since(rows, LIMIT)] == ["e2"]


def test_a_row_before_the_limit_may_be_there_or_not(memory: Settings) -> None:
    tag = ("retained", 1)
    ruleset: Any = SimpleNamespace(name=tag[0], version=tag[1], fingerprint="")
    old, young = (score("e1", ruleset=tag, event_time=at) for at in (LIMIT - 1, LIMIT))
    settled: Any = SimpleNamespace(late=False)
    want = Expected(
        {(one.event_id, one.user_id, one.event_time): settled for one in (old, young)},
        *({}, [], [], 0, 0),
    )
    scores = Scores([], unjudged=set(want.rows))  # whether they are there is compared
    writer = memory_store.create(memory)
    writer.write([young])

    def found(upto: int) -> tuple[int, list[str]]:
        held = without(want, upto)
        return scores_in("memory", memory, held, scores, ruleset, 0.0, None, upto)

    assert found(LIMIT) == (1, [])
    count, (missing,) = found(0)
    assert (count, missing) == (1, f"memory: event e1 of user u-1 at {LIMIT - 1} is missing")
    writer.write([old])  # as a rebuild does
    assert found(LIMIT) == (1, [])
    assert found(LIMIT + 1) == (0, [])
    assert found(0) == (2, [])
