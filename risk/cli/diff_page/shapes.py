"""A plot as it is drawn: where its parts are, in px of its own. `charts` computes it."""

from __future__ import annotations

from typing import NamedTuple


class Tick(NamedTuple):
    """A place along x, and what it stands for."""

    x: float
    text: str


class PlacedPair(NamedTuple):
    """A row with a dot for each side."""

    y: int
    a: float
    b: float
    way: str  # up or down
    label: str
    text: str
    title: str


class Dumbbells(NamedTuple):
    """A row for each pair: where it is on side a, and where on side b."""

    width: int
    height: int
    label_end: int
    text_start: int
    bottom: int
    ticks: list[Tick]
    rows: list[PlacedPair]


class PlacedBar(NamedTuple):
    """A bar: `part` and `both` are widths."""

    y: int
    part: float
    both: float
    text_start: float
    label: str
    small: str
    text: str
    kind: str  # stricter or looser


class Bars(NamedTuple):
    """A row for each bar."""

    width: int
    height: int
    label_end: int
    left: int
    rows: list[PlacedBar]


class Level(NamedTuple):
    """A level line of the grid, and what it stands for, written at `text_y`."""

    y: float
    text_y: float
    text: str


class PlacedColumn(NamedTuple):
    """A column, from its upper left corner."""

    side: str  # a or b
    x: float
    y: float
    height: float
    title: str


class PlacedGroup(NamedTuple):
    """A group's columns, and its label below their middle."""

    middle: float
    label: str
    columns: list[PlacedColumn]


class PlacedMark(NamedTuple):
    """A mark, and where its text begins: right of the line's upper end, at `y`."""

    x: float
    text_start: float
    y: int
    side: str  # a or b
    text: str


class Columns(NamedTuple):
    """One column or two for each group, on a scale of powers of ten."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    column_width: float
    levels: list[Level]
    groups: list[PlacedGroup]
    marks: list[PlacedMark]
