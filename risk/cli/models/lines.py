"""Where a line plot's parts go; `templates/lines.html` draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from risk.cli.diff_page.charts import HALF, amount, px, ticks
from risk.cli.diff_page.shapes import Level, Tick

HEIGHT = 240
LEFT, TOP = 52, 10
DOT = 4.5


class Mark(NamedTuple):
    """A point of the line that stands out, and what it is."""

    x: float
    y: float
    text: str


class PlacedDot(NamedTuple):
    """A dot, and where its words begin or, on the right of the plot, end."""

    x: float
    y: float
    text: str
    anchor: str
    text_x: float


class Lines(NamedTuple):
    """A line between axes; `points` as SVG has them."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    dot: float
    ticks: list[Tick]
    levels: list[Level]
    points: str
    dots: list[PlacedDot]
    x_title: str
    y_title: str


class Axis(NamedTuple):
    """What an axis is of: its name, whether it shows shares of 1, and the most that is shown."""

    title: str
    percent: bool = True
    most: float | None = None


def lines(
    points: Sequence[tuple[float, float]], x: Axis, y: Axis, marks: Sequence[Mark] = ()
) -> Lines:
    """Place a line through these points, and marks on it. What is beyond the axes is left out."""
    right, bottom = HALF - 12, HEIGHT - 8
    across, up = (
        list(ticks(axis.most or max((point[at] for point in points), default=0), axis.percent))
        for at, axis in enumerate((x, y))
    )
    most_x, most_y = x.most or across[-1], y.most or up[-1]

    def place(one: float, other: float) -> tuple[float, float]:
        along = LEFT + (right - LEFT) * one / most_x
        return px(along), px(bottom - (bottom - TOP) * other / most_y)

    inside = [place(*one) for one in points if one[0] <= most_x and one[1] <= most_y]
    return Lines(
        width=HALF,
        height=HEIGHT + 34,
        left=LEFT,
        right=right,
        bottom=bottom,
        dot=DOT,
        ticks=[Tick(place(one, 0)[0], _words(one, x)) for one in across if one <= most_x * 1.001],
        levels=[
            Level(place(0, one)[1], px(place(0, one)[1] + 4), _words(one, y))
            for one in up
            if one <= most_y * 1.001
        ],
        points=" ".join(f"{one},{other}" for one, other in inside),
        dots=[
            _dot(place(mark.x, mark.y), mark.text, right)
            for mark in marks
            if mark.x <= most_x and mark.y <= most_y
        ],
        x_title=x.title,
        y_title=y.title,
    )


def _words(value: float, axis: Axis) -> str:
    return f"{100 * value:.4g} %" if axis.percent else amount(value)


def _dot(at: tuple[float, float], text: str, right: int) -> PlacedDot:
    x, y = at
    late = x > (LEFT + right) / 2
    return PlacedDot(x, y, text, "end" if late else "start", px(x - 9 if late else x + 9))
