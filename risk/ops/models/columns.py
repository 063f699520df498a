"""The columns of training data as inputs of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from risk.engine.features.catalogue import TYPES, FeatureType
from risk.engine.models.format import Input
from risk.engine.models.inputs import FIELDS, LEAST, MOST, PER_UNIT
from risk.engine.rules import Ruleset
from risk.engine.rules.errors import did_you_mean
from risk.errors import UserError

Reads = Callable[[float], float]  # how a library has a number of the data


class Column(NamedTuple):
    """An input, and the type of its values."""

    input: Input
    type: FeatureType

    def value(self, whole: int) -> float:
        """The value in the data that the engine compares as this whole number."""
        return whole / PER_UNIT if self.type == "float" else float(whole)

    def whole(self, value: float) -> int:
        """What the engine compares for a value of the data."""
        found = round(value * PER_UNIT) if self.type == "float" else int(value)
        return max(LEAST, min(MOST, found))

    def threshold(self, threshold: float, reads: Reads = float) -> int:
        """The largest whole number that a library sends left: whose value it reads as at or below
        its threshold. So each payment goes the library's way, however that rounds.
        """

        def left(whole: int) -> bool:
            return reads(self.value(whole)) <= threshold

        low = max(LEAST, min(MOST, self.whole(threshold)))
        step = 1
        while low > LEAST and not left(low):
            low, step = max(LEAST, low - step), 2 * step
        high, step = low, 1
        while high < MOST and left(high):
            high, step = min(MOST, high + step), 2 * step
        if left(high):
            return MOST
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if left(middle) else (low, middle)
        return low


def columns_of(ruleset: Ruleset, names: Sequence[str]) -> list[Column]:
    """The inputs of those names, in the order of the data's columns. Raises `UserError`."""
    declared = {one.name: one for one in ruleset.features}
    found: list[Column] = []
    for name in names:
        if one := declared.get(name):
            found.append(Column(Input(feature=name, digest=one.digest), one.type))
        elif name in TYPES:
            found.append(Column(Input(feature=name), TYPES[name]))
        elif name in FIELDS:
            found.append(Column(Input(field=name), FIELDS[name].type))
        else:
            hint = did_you_mean(name, [*declared, *TYPES, *FIELDS])
            raise UserError(f"{ruleset.name} has nothing called {name}{hint}")
    return found
