"""What a stage retains of keys that rest, over restarts."""

from __future__ import annotations

import pytest

from risk.engine import exact
from risk.engine.stages.base import MemoryStore
from risk.engine.stages.codec import upto_of
from risk.engine.stages.layout import Move
from risk.engine.stages.past import Past, Saved

SAME = Move("fold", ("count",), {"count": 0})


def saved(key: str, time: int) -> Saved:
    upto = time, "e", "u"
    return key, upto, exact.encode((upto, [1]))


def restarted(store: MemoryStore, in_batches: bool) -> Past:
    found = Past(store, 60_000, in_batches, 1_000)
    found.load(list(store.items()), SAME)
    return found


@pytest.mark.parametrize("in_batches", [True, False])
def test_nothing_is_lost_where_more_is_kept_after_a_restart(in_batches: bool) -> None:
    store = MemoryStore()
    restarted(store, in_batches).put([saved("one", 1_000)], 2_000, ())
    restarted(store, in_batches).put([saved("two", 3_000)], 4_000, ())
    found = restarted(store, in_batches)
    kept = {key: found.get(key) for key in ("one", "two")}
    assert {key: upto_of(base)[0] for key, base in kept.items() if base} == {
        "one": 1_000,
        "two": 3_000,
    }
