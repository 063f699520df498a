"""Distance and speed of one window are read from one fold, and parts of state have stable names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import astuple

from risk.engine.features.declared.compiler import compile_key
from risk.engine.features.declared.entries import Entries
from risk.engine.features.shape import Shape
from risk.engine.rules.declaration import Declaration
from risk.engine.stages.layout import Move
from tests.unit.streams import START, transaction

DAY = 86_400_000
DISTANCE = Declaration("far", ("user_id",), "distance", window=DAY)
SPEED = Declaration("fast", ("user_id",), "speed", window=DAY)
SHORT = Declaration("short", ("user_id",), "speed", window=DAY // 2)


class Fold:
    """That of some declarations, and how its state is kept."""

    def __init__(self, *ones: Declaration) -> None:
        code = compile_key(ones)
        assert code.fold
        self.entries, self.shape = Entries(code.remembered), Shape(code.fold, code.windows)
        self.neutral = dict(zip(code.parts, self.shape.neutral(), strict=True))
        self.now: Any = code.fold()

    def moved_from(self, other: Fold) -> None:
        """Take up another's state, by the names of its parts."""
        values = Move("features", other.neutral, self.neutral)(astuple(other.now))
        packed = self.shape.pack((0, "", ""), type(self.now)(*values))
        _, self.now = self.shape.unpack(packed)


def test_there_is_one_fold_for_each_window() -> None:
    code = compile_key([DISTANCE, SPEED, SHORT])
    assert code.code.count(" = distance_km(") == 2
    assert len(code.parts) == 6


def test_a_speed_that_is_declared_later_has_the_past_of_the_distance() -> None:
    old = Fold(DISTANCE)
    old.now.count(old.entries.payment(transaction(1, lat=52.5, lon=13.4)))
    both = Fold(DISTANCE, SPEED)
    both.moved_from(old)
    later = transaction(2, event_time=START + 3_600_000, lat=48.1, lon=11.6)
    distance, speed = both.now.observe(both.entries.payment(later))
    assert distance == speed == 505.644


@pytest.mark.parametrize("added", ["a_new_name", "z_new_name"])
@pytest.mark.parametrize(("value", "of"), [("since", ""), ("previous", "amount"), ("new", "ip")])
def test_a_second_name_for_a_feature_takes_no_past_from_the_first(
    value: str, of: str, added: str
) -> None:
    one = Declaration("known", ("user_id",), value, of, window=DAY)
    old = Fold(one)
    old.now.count(old.entries.payment(transaction(1, amount=7, ip="192.0.2.1")))
    both = Fold(*sorted((one, replace(one, name=added)), key=lambda it: it.name))
    both.moved_from(old)
    later = transaction(2, event_time=START + 10_000, amount=8, ip="192.0.2.2")
    values = both.now.observe(both.entries.payment(later))
    assert values == ({"since": 10, "previous": 7, "new": True}[value],) * 2
