"""Plots as SVG, without a script and without anything from elsewhere. Colours are the page's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

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


def dumbbells(pairs: Sequence[Pair], percent: bool, width: int = HALF, label: int = LABEL) -> str:
    """A row for each pair: where it is on side a, and where on side b."""
    left, right = label, width - 62
    ticks = list(_ticks(max((max(pair.a, pair.b) for pair in pairs), default=0), percent))
    most = ticks[-1]
    bottom = ROW * len(pairs) + 4
    parts = []
    for tick in ticks:
        x = left + (right - left) * tick / most
        text = f"{100 * tick:.4g} %" if percent else _count(tick)
        parts.append(
            f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{bottom}"/>'
            f'<text class="tick" x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{text}</text>'
        )
    for at, pair in enumerate(pairs):
        y = 16 + at * ROW
        a, b = (left + (right - left) * value / most for value in (pair.a, pair.b))
        way = "up" if b >= a else "down"
        parts.append(
            f"<g><title>{escape(pair.title)}</title>"
            f'<text x="{left - 14}" y="{y + 4}" text-anchor="end">'
            f"{escape(_short(pair.label))}</text>"
            f'<line class="link {way}" x1="{a:.1f}" x2="{b:.1f}" y1="{y}" y2="{y}"/>'
            f'<circle class="a" cx="{a:.1f}" cy="{y}" r="4.5"/>'
            f'<circle class="b" cx="{b:.1f}" cy="{y}" r="5.5"/>'
            f'<text class="number" x="{right + 14}" y="{y + 4}">{escape(pair.text)}</text></g>'
        )
    return _svg(width, bottom + 22, parts)


def bars(found: Sequence[Bar], width: int = HALF) -> str:
    """A row for each bar."""
    most = max((bar.part + bar.rest for bar in found), default=0) or 1
    left, right, row = LABEL, width - 128, 38
    parts = []
    for at, bar in enumerate(found):
        y = 2 + at * row
        one, both = ((right - left) * size / most for size in (bar.part, bar.part + bar.rest))
        both = max(2.0, both)
        parts.append(
            f'<text x="{left - 12}" y="{y + 10}" text-anchor="end">'
            f"{escape(_short(bar.label))}</text>"
            f'<text class="small" x="{left - 12}" y="{y + 24}" text-anchor="end">'
            f"{escape(bar.small)}</text>"
            f'<rect class="{bar.kind} rest" x="{left}" y="{y}" width="{both:.1f}" height="20" '
            'rx="3"/>'
            f'<rect class="{bar.kind}" x="{left}" y="{y}" width="{one:.1f}" height="20" rx="3"/>'
            f'<text class="number" x="{left + both + 8:.1f}" y="{y + 15}">{escape(bar.text)}</text>'
        )
    return _svg(width, row * len(found), parts)


def columns(
    groups: Sequence[Pair], both: bool, marks: Sequence[Mark] = (), width: int = HALF
) -> str:
    """A pair of columns for each group, or only side b's, on a scale of powers of ten."""
    left, right, top, bottom = 46, width - 4, 36 if marks else 8, 236
    most = max((max(group.a, group.b) for group in groups), default=1)
    decades = max(1, math.ceil(math.log10(max(most, 2))))
    step = (right - left) / max(1, len(groups))
    wide = min(20.0, step * 0.36) if both else min(44.0, step * 0.6)

    def height(count: float) -> float:
        return (bottom - top) * (math.log10(count) + 0.2) / (decades + 0.2) if count >= 1 else 0

    parts = []
    for decade in range(decades + 1):
        y = bottom - height(10**decade)
        parts.append(
            f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{_count(10**decade)}</text>"
        )
    for at, group in enumerate(groups):
        middle = left + (at + 0.5) * step
        sides = (("a", group.a, middle - wide - 1), ("b", group.b, middle + 1))
        for side, value, x in sides if both else (("b", group.b, middle - wide / 2),):
            tall = height(value)
            parts.append(
                f'<rect class="{side}" x="{x:.1f}" y="{bottom - tall:.1f}" width="{wide:.1f}" '
                f'height="{tall:.1f}" rx="2">'
                f"<title>{escape(group.title)}: {value:,.0f}</title></rect>"
            )
        parts.append(
            f'<text class="tick" x="{middle:.1f}" y="{bottom + 17}" text-anchor="middle">'
            f"{escape(group.label)}</text>"
        )
    for mark in marks:
        x, y = left + mark.place * step, 10 if mark.side == "a" else 24
        parts.append(
            f'<line class="mark {mark.side}" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 8}" y2="{bottom}"/>'
            f'<text class="tick {mark.side}" x="{x + 4:.1f}" y="{y}">{escape(mark.text)}</text>'
        )
    return _svg(width, bottom + 22, parts)


def _ticks(most: float, percent: bool) -> Iterator[float]:
    """From 0 to at least `most` in some round steps."""
    if most <= 0:
        most = 0.01 if percent else 1
    size = 10.0 ** math.floor(math.log10(most / 4))
    step = next(size * n for n in (1, 2, 2.5, 5, 10) if size * n * 4 >= most * 0.999)
    for at in range(math.ceil(most * 0.999 / step) + 1):
        yield at * step


def _count(value: float) -> str:
    for size, unit in ((1_000_000, " M"), (1_000, " k")):
        if value >= size:
            return f"{value / size:.4g}{unit}"
    return f"{value:.4g}"


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"


def _svg(width: int, height: float, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {width} {height:.0f}" role="img">{"".join(parts)}</svg>'
