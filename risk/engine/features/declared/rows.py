"""What the code of folds calls: the least and greatest of rows, and rows as they are dumped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from risk.engine.features.declared.aggregates import What

Ends = Sequence[int]  # two: the least and the greatest


def ends(known: Ends | None, value: int) -> Ends:
    """The least and the greatest, with a further value."""
    if known is None:
        return value, value
    return min(known[0], value), max(known[1], value)


def least(found: Sequence[Ends | None]) -> int:
    """The least of all; 0 of none."""
    return min((one[0] for one in found if one is not None), default=0)


def greatest(found: Sequence[Ends | None]) -> int:
    """The greatest of all; 0 of none."""
    return max((one[1] for one in found if one is not None), default=0)


def first(found: Sequence[int | None]) -> int:
    """The first that there is; 0 if there is none."""
    return next((one for one in found if one is not None), 0)


Row = list[Any]


def columns(found: Sequence[Row], whats: Sequence[What]) -> list[list[Any]]:
    """Rows as a list for each of their values: the number, then what is kept in `whats`."""
    if not found:
        return [[] for _ in range(1 + len(whats))]
    made: list[list[Any]] = [list(column) for column in zip(*found, strict=True)]
    for at, what in enumerate(whats, 1):
        if what == "distinct":
            made[at] = [list(values) for values in made[at]]
    return made


def rows(dumped: Sequence[list[Any]], whats: Sequence[What]) -> list[Row]:
    """The rows of such columns. One that is empty is of what wasn't kept before."""
    if all(dumped) and "distinct" not in whats:
        return [list(row) for row in zip(*dumped, strict=True)]
    numbers, *kept = dumped
    made: list[Row] = [[number] for number in numbers]
    for what, column in zip(whats, kept, strict=True):
        for at, row in enumerate(made):
            value: Any = column[at] if column else _NOTHING[what]
            row.append(dict.fromkeys(value or ()) if what == "distinct" else value)
    return made


_NOTHING: Final = {"n": 0, "sum": 0, "sq": 0, "distinct": None, "ends": None, "first": None}
