"""Drift as the page of models shows it: bars by feature, and the last days by the hour. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from risk.registry.drift import Point
from risk.verify.drift.kept import Kept
from risk.verify.drift.levels import PSI
from risk.verify.drift.report import Drift

DAYS: Final = 7
MOST: Final = 12  # features that have a bar: those that have moved most
FULL: Final = 2 * PSI.much  # the PSI of a whole bar, and of the plot's top
WIDTH: Final = 672  # of the plot: four units an hour
HEIGHT: Final = 60


class Bar(NamedTuple):
    """A feature, or the score; `width` in percent. Without a PSI there were too few payments."""

    one: Drift
    width: float


class Dot(NamedTuple):
    """A report of the last days: `score` and `feature` are heights in the plot."""

    x: float
    score: float
    feature: float
    point: Point


class Plot(NamedTuple):
    """The last days; `limits` are the heights of some and much."""

    dots: list[Dot]
    limits: tuple[float, float]


def bars(kept: Kept) -> list[Bar]:
    """The score, then the features that have moved most."""
    found = [kept.report.score, *kept.report.features[:MOST]]
    return [Bar(one, round(100 * _part(one.psi), 1)) for one in found]


def plot(points: Sequence[Point], end: datetime) -> Plot:
    """Reports of the seven days before `end`."""
    begin, span = end - timedelta(days=DAYS), timedelta(days=DAYS)
    dots = [
        Dot(
            round(WIDTH * ((one.measured_at - begin) / span), 1),
            _height(one.score_psi),
            _height(one.feature_psi),
            one,
        )
        for one in points
        if begin <= one.measured_at <= end
    ]
    return Plot(dots, (_height(PSI.some), _height(PSI.much)))


def _part(psi: float | None) -> float:
    return min(1.0, (psi or 0.0) / FULL)


def _height(psi: float | None) -> float:
    return round(HEIGHT * _part(psi), 1)
