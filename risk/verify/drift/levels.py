"""From measures to a word, by the size of the effect."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Level = Literal["none", "some", "much", "too few"]

LEVELS: Final[tuple[Level, ...]] = ("too few", "none", "some", "much")  # the worst last
LEAST_ROWS: Final = 500  # payments that each side needs, below which nothing is said
LEAST_VERDICTS: Final = 50  # verdicts on flagged payments that each side needs


class Bounds(NamedTuple):
    """From when on a measure is `some` and `much`."""

    some: float
    much: float


PSI: Final = Bounds(0.1, 0.25)  # the usual ones: see `measures.psi`
DISTANCE: Final = Bounds(0.1, 0.2)  # of KS, and of the total variation


def level(psi: float, distance: float) -> Level:
    """The worse of what the two measures say."""
    if psi >= PSI.much or distance >= DISTANCE.much:
        return "much"
    return "some" if psi >= PSI.some or distance >= DISTANCE.some else "none"


def worst(*levels: Level) -> Level:
    """The worst of some; `too few` of none."""
    return max(levels, key=LEVELS.index, default="too few")
