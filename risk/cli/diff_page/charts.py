"""Where the parts of a plot go; `templates/plots.html` draws them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from risk.cli.diff_page.shapes import (
    Bars,
    Columns,
    Dumbbells,
    Level,
    PlacedBar,
    PlacedColumn,
    PlacedGroup,
    PlacedMark,
    PlacedPair,
    Tick,
)

HALF, WHOLE = 500, 1036  # a plot's width in px: half the page, and all of it
LABEL = 150  # room for labels on the left
ROW = 28


class Pair(NamedTuple):
    """A value on each side; `text` stands at the end of its row."""

    label: str
    a: float
    b: float
    text: str
    title: str


class Bar(NamedTuple):
    """A bar of two parts, the second lighter; `text` stands at its end."""

    label: str
    small: str
    part: float
    rest: float
    text: str
    kind: str  # stricter or looser


class Mark(NamedTuple):
    """A line between columns: `place` counted in them from the left, `side` a or b."""

    place: float
    side: str
    text: str


def dumbbells(
    pairs: Sequence[Pair], percent: bool, width: int = HALF, label: int = LABEL
) -> Dumbbells:
    """Place a row for each pair. Values are shares of 1 if `percent`."""
    left, right = label, width - 62
    scale = list(ticks(max((max(pair.a, pair.b) for pair in pairs), default=0), percent))
    most = scale[-1]
    bottom = ROW * len(pairs) + 4

    def along(value: float) -> float:
        return px(left + (right - left) * value / most)

    return Dumbbells(
        width=width,
        height=bottom + 22,
        label_end=left - 14,
        text_start=right + 14,
        bottom=bottom,
        ticks=[
            Tick(along(tick), f"{100 * tick:.4g} %" if percent else amount(tick)) for tick in scale
        ],
        rows=[
            PlacedPair(
                y=16 + at * ROW,
                a=along(pair.a),
                b=along(pair.b),
                way="up" if pair.b >= pair.a else "down",
                label=_short(pair.label),
                text=pair.text,
                title=pair.title,
            )
            for at, pair in enumerate(pairs)
        ],
    )


def bars(found: Sequence[Bar], width: int = HALF) -> Bars:
    """Place a row for each bar."""
    most = max((bar.part + bar.rest for bar in found), default=0) or 1
    left, right, row = LABEL, width - 128, 38
    rows = []
    for at, bar in enumerate(found):
        part, both = ((right - left) * size / most for size in (bar.part, bar.part + bar.rest))
        both = max(2.0, both)
        rows.append(
            PlacedBar(
                y=2 + at * row,
                part=px(part),
                both=px(both),
                text_start=px(left + both + 8),
                label=_short(bar.label),
                small=bar.small,
                text=bar.text,
                kind=bar.kind,
            )
        )
    return Bars(width, row * len(found), left - 12, left, rows)


def columns(
    groups: Sequence[Pair], both: bool, marks: Sequence[Mark] = (), width: int = HALF
) -> Columns:
    """Place a pair of columns for each group, or only side b's."""
    left, right, top, bottom = 46, width - 4, 36 if marks else 8, 236
    most = max((max(group.a, group.b) for group in groups), default=1)
    decades = max(1, math.ceil(math.log10(max(most, 2))))
    step = (right - left) / max(1, len(groups))
    wide = min(20.0, step * 0.36) if both else min(44.0, step * 0.6)

    def height(count: float) -> float:
        return (bottom - top) * (math.log10(count) + 0.2) / (decades + 0.2) if count >= 1 else 0.0

    placed = []
    for at, group in enumerate(groups):
        middle = left + (at + 0.5) * step
        sides = (("a", group.a, middle - wide - 1), ("b", group.b, middle + 1))
        found = []
        for side, value, x in sides if both else (("b", group.b, middle - wide / 2),):
            tall = height(value)
            title = f"{group.title}: {value:,.0f}"
            found.append(PlacedColumn(side, px(x), px(bottom - tall), px(tall), title))
        placed.append(PlacedGroup(px(middle), group.label, found))
    return Columns(
        width=width,
        height=bottom + 22,
        left=left,
        right=right,
        bottom=bottom,
        column_width=px(wide),
        levels=[_level(bottom - height(10**n), 10**n) for n in range(decades + 1)],
        groups=placed,
        marks=[_placed(mark, left + mark.place * step) for mark in marks],
    )


def _level(y: float, count: int) -> Level:
    return Level(px(y), px(y + 4), amount(count))


def _placed(mark: Mark, x: float) -> PlacedMark:
    y = 10 if mark.side == "a" else 24
    return PlacedMark(px(x), px(x + 4), y, mark.side, mark.text)


def ticks(most: float, percent: bool) -> Iterator[float]:
    """From 0 to at least `most` in some round steps."""
    if most <= 0:
        most = 0.01 if percent else 1
    size = 10.0 ** math.floor(math.log10(most / 4))
    step = next(size * n for n in (1, 2, 2.5, 5, 10) if size * n * 4 >= most * 0.999)
    for at in range(math.ceil(most * 0.999 / step) + 1):
        yield at * step


def amount(value: float) -> str:
    """A number as a scale has it: 1.5 k."""
    for size, unit in ((1_000_000, " M"), (1_000, " k")):
        if value >= size:
            return f"{value / size:.4g}{unit}"
    return f"{value:.4g}"


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"


def px(length: float) -> float:
    """To a tenth of a px: a screen shows no more, and the file stays small."""
    return round(length, 1)
