"""Distance and speed of one window are read from one fold, and kept each under its own name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from risk.engine.features.declared.compiler import compile_key
from risk.engine.features.declared.entries import Entries
from risk.engine.rules.declaration import Declaration
from tests.unit.streams import START, transaction

DAY = 86_400_000
DISTANCE = Declaration("far", ("user_id",), "distance", window=DAY)
SPEED = Declaration("fast", ("user_id",), "speed", window=DAY)
SHORT = Declaration("short", ("user_id",), "speed", window=DAY // 2)


def fold(*ones: Declaration) -> tuple[Any, Entries, list[str]]:
    code = compile_key(ones)
    assert code.fold
    return code.fold(), Entries(code), list(code.parts)


def test_there_is_one_fold_for_each_window() -> None:
    code = compile_key([DISTANCE, SPEED, SHORT])
    assert code.code.count(" = Moves(") == 2


def test_a_speed_that_is_declared_later_has_the_past_of_the_distance() -> None:
    old, entries, parts = fold(DISTANCE)
    old.count(entries.payment(transaction(1, lat=52.5, lon=13.4)))
    kept = dict(zip(parts, old.dump(), strict=True))
    both, entries, parts = fold(DISTANCE, SPEED)
    both.load([kept.get(part) for part in parts])
    later = transaction(2, event_time=START + 3_600_000, lat=48.1, lon=11.6)
    distance, speed = both.observe(entries.payment(later))
    assert distance == speed == 505.644
    assert both.dump() == [(START + 3_600_000, 48.1, 11.6)] * 2


@pytest.mark.parametrize("added", ["a_new_name", "z_new_name"])
@pytest.mark.parametrize(("value", "of"), [("since", ""), ("previous", "amount"), ("new", "ip")])
def test_a_second_name_for_a_feature_takes_no_past_from_the_first(
    value: str, of: str, added: str
) -> None:
    one = Declaration("known", ("user_id",), value, of, window=DAY)
    old, entries, parts = fold(one)
    old.count(entries.payment(transaction(1, amount=7, ip="192.0.2.1")))
    kept = dict(zip(parts, old.dump(), strict=True))
    both, entries, parts = fold(*sorted((one, replace(one, name=added)), key=lambda it: it.name))
    both.load([kept.get(part) for part in parts])
    later = transaction(2, event_time=START + 10_000, amount=8, ip="192.0.2.2")
    values = both.observe(entries.payment(later))
    assert values == ({"since": 10, "previous": 7, "new": True}[value],) * 2
