"""What compiled code calls: how values are rounded and bounded, which is part of their definition,
and what is left of counts and steps.
"""

from __future__ import annotations

from math import sqrt
from typing import Final

from risk.engine.features.catalogue import MOST

DECIMALS: Final = 4


def bounded(value: int) -> int:
    """A sum as stores can hold it: within 64 bits."""
    if -MOST - 1 <= value <= MOST:
        return value
    return MOST if value > 0 else -MOST - 1


def mean(count: int, total: int) -> float:
    """The mean of `count` numbers; 0 of none."""
    return round(total / count, DECIMALS) if count else 0.0


def deviation(count: int, total: int, squares: int) -> float:
    """The standard deviation of a population, from exact sums; 0 of none."""
    return round(sqrt(count * squares - total * total) / count, DECIMALS) if count else 0.0


def ratio(own: int, count: int, total: int) -> float:
    """A number over the mean of `count` earlier ones; 0 if there are none, or their sum is 0."""
    return round(own * count / total, DECIMALS) if total else 0.0


def leave(counts: dict[object, int], value: object) -> None:
    """Count a value one less; it goes with the last."""
    left = counts[value] - 1
    if left:
        counts[value] = left
    else:
        del counts[value]


def forget(steps: dict[object, int], upto: int) -> None:
    """Drop the values that were last seen up to that step. The latest seen stand at the end."""
    gone = []
    for value, step in steps.items():
        if step > upto:
            break
        gone.append(value)
    for value in gone:
        del steps[value]


def align(starts: list[int], steps: int) -> None:
    """What a total was when each of so many steps began: 0 before it was kept at all."""
    starts[:0] = [0] * (steps - len(starts))
