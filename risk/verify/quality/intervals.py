"""Figures with their intervals."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from risk.verify.quality.resamples import Floats

CONFIDENCE: Final = 0.95


class Interval(msgspec.Struct, frozen=True):
    """A figure, and where 95 % of resamples have it; None where it can't be told."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def sign(self) -> int:
        """1 or -1 if all of the interval is on that side of 0, else 0."""
        if self.low is not None and self.low > 0:
            return 1
        return -1 if self.high is not None and self.high < 0 else 0


def interval(values: Floats) -> Interval:
    """Of the value of the payments as they are, first, and of the resamples after it.

    A resample without frauds has no value, and is passed over.
    """
    point, drawn = float(values[0]), values[1:][np.isfinite(values[1:])]
    if not np.isfinite(point):
        return Interval(None, None, None)
    if not len(drawn):
        return Interval(point, None, None)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Interval(point, float(low), float(high))
