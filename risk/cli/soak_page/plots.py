"""Where the lines of a figure go, one for each process or job; `templates/soak.html` draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from risk.cli.diff_page.charts import HALF, amount, px, ticks
from risk.cli.diff_page.shapes import Level, Tick

HEIGHT, LEFT, TOP = 240, 52, 10
MOST_POINTS = 600  # of a line: a screen shows no more


class Line(NamedTuple):
    """A series; `points` as SVG has them, `hue` in degrees."""

    name: str
    hue: int
    points: str


class Plot(NamedTuple):
    """Lines between axes."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    ticks: list[Tick]
    levels: list[Level]
    lines: list[Line]
    sent: float | None  # where the traffic ended


def plot(series: Mapping[str, Sequence[tuple[float, float]]], sent_s: float) -> Plot:
    """Place a line through each series, by seconds; the scale of time is in minutes."""
    right, bottom = HALF - 12, HEIGHT - 8
    every = [point for points in series.values() for point in points]
    across = list(ticks(max((x for x, _ in every), default=0.0) / 60, percent=False))
    up = list(ticks(max((y for _, y in every), default=0.0), percent=False))

    def along(seconds: float) -> float:
        return px(LEFT + (right - LEFT) * seconds / 60 / across[-1])

    def above(value: float) -> float:
        return px(bottom - (bottom - TOP) * value / up[-1])

    return Plot(
        width=HALF,
        height=HEIGHT + 34,
        left=LEFT,
        right=right,
        bottom=bottom,
        ticks=[Tick(along(60 * one), amount(one)) for one in across],
        levels=[Level(above(one), px(above(one) + 4), amount(one)) for one in up],
        lines=[
            Line(
                name,
                360 * at // len(series),
                " ".join(f"{along(x)},{above(y)}" for x, y in _some(points)),
            )
            for at, (name, points) in enumerate(series.items())
        ],
        sent=along(sent_s) if 0 < sent_s <= 60 * across[-1] else None,
    )


def _some(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Not more than can be seen."""
    return points[:: -(-len(points) // MOST_POINTS) or 1]
