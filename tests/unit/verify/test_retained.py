"""Rows that are past a store's retention: they are neither missed nor compared."""

from __future__ import annotations

from typing import Any

from risk.engine.oracle import Expected
from risk.verify.retained import since, without
from sinks.stored import Stored

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
