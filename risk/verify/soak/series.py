"""A series of figures over time, and whether it is flat or at least bounded. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from statistics import median
from typing import Final, Literal, NamedTuple

import msgspec

HOUR_S: Final = 3_600.0
# A shorter run can't tell what an hour brings: a checkpoint more or less would be a slope.
LEAST_S: Final = 600.0
POINTS: Final = 200  # as many as a slope is taken from: pairs grow by the square

Figure = Literal["memory", "handles", "threads", "lag", "state", "checkpoint", "restarts"]
Point = tuple[float, float]  # s, value


class Rule(NamedTuple):
    """What a figure may do in an hour: grow by this share of its level, or by `slack` if more.

    `unit` is what it is told in.
    """

    unit: str
    share: float
    slack: float


RULES: Final[dict[str, Rule]] = {
    "memory": Rule("MiB", 0.10, 48.0),
    "handles": Rule("", 0.10, 20.0),
    "threads": Rule("", 0.10, 10.0),
    "lag": Rule("records", 0.50, 500.0),
    "state": Rule("MiB", 0.25, 8.0),
    "checkpoint": Rule("s", 0.50, 1.0),
    "restarts": Rule("", 0.0, 0.0),
}


class Verdict(msgspec.Struct, frozen=True):
    """What a series comes to. `level` is its median, and `per_hour` its slope, over the last two
    thirds; `per_hour` is None if they are too short for one. `breach` says in words what is wrong.
    """

    figure: str
    of: str
    points: int
    level: float
    peak: float
    per_hour: float | None
    limit: float | None
    breach: str | None = None


def steady_part(points: Sequence[Point]) -> list[Point]:
    """The last two thirds, by time: what comes before is start and warm-up."""
    if not points:
        return []
    begin, end = points[0][0], points[-1][0]
    return [point for point in points if point[0] >= begin + (end - begin) / 3]


def slope(points: Sequence[Point]) -> float:
    """Theil and Sen's: the median slope of all pairs, which a few outliers don't move.

    0 for fewer than two moments. Of many points, some that are evenly spread are taken.
    """
    step = -(-len(points) // POINTS) or 1
    pairs = combinations(points[::step], 2)
    slopes = [(b - y) / (a - x) for (x, y), (a, b) in pairs if a != x]
    return median(slopes) if slopes else 0.0


def judge(
    figure: Figure, of: str, points: Sequence[Point], *, flat: bool, limit: float | None = None
) -> Verdict:
    """Whether it is below its limit; if it is to be `flat`, whether it grows, too.

    Raises `ValueError` without points.
    """
    if not points:
        raise ValueError(f"{figure} of {of}: no points")
    rule, late = RULES[figure], steady_part(points)
    level, peak = median(value for _, value in late), max(value for _, value in points)
    long = late[-1][0] - late[0][0] >= LEAST_S * 2 / 3 - 30
    per_hour = slope(late) * HOUR_S if long else None
    breach = None
    if limit is not None and peak > limit:
        breach = f"{_told(peak, rule)} at its peak, and its limit is {_told(limit, rule)}"
    elif flat and per_hour is not None and per_hour > allowed(figure, level):
        breach = (
            f"grows by {_told(per_hour, rule)} an hour, and may by "
            f"{_told(allowed(figure, level), rule)}"
        )
    return Verdict(
        figure,
        of,
        len(points),
        round(level, 3),
        round(peak, 3),
        None if per_hour is None else round(per_hour, 3),
        limit,
        breach and f"{figure} of {of}: {breach}",
    )


def allowed(figure: Figure, level: float) -> float:
    """What it may grow by in an hour, at such a level."""
    rule = RULES[figure]
    return max(rule.share * abs(level), rule.slack)


def breaches(verdicts: Iterable[Verdict]) -> list[str]:
    """What is wrong, a line each."""
    return [one.breach for one in verdicts if one.breach]


def _told(value: float, rule: Rule) -> str:
    return f"{value:,.1f} {rule.unit}".rstrip()
