"""Percentiles of latencies, and the steady part of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

STEADY = 0.15  # the halves of a steady window differ by no more than this part


class Latency(msgspec.Struct, frozen=True):
    """Milliseconds over `count` events. `missing` were never seen, and are in no percentile."""

    count: int
    missing: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class Window(msgspec.Struct, frozen=True):
    """A stretch of whole seconds of a run and its rate, per second, as a whole and by halves.

    `begin_s` counts from the run's first event.
    """

    begin_s: int
    seconds: int
    rate: float
    first_half: float
    second_half: float

    @property
    def steady(self) -> bool:
        """Whether the halves agree."""
        return abs(self.second_half - self.first_half) <= STEADY * self.rate


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the least value that so large a share does not exceed."""
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def latency(seconds: Sequence[float], missing: int = 0) -> Latency:
    """Percentiles of latencies given in seconds. With none of them the figures are not numbers."""
    ordered = sorted(seconds)
    figures = [percentile(ordered, share) for share in (0.5, 0.95, 0.99, 1.0)]
    return Latency(len(ordered), missing, *(round(1_000 * figure, 2) for figure in figures))


def per_second(times_ms: Sequence[int]) -> list[int]:
    """How many of the times fall into each second from the first on. In any order."""
    if not times_ms:
        return []
    first = min(times_ms)
    counts = [0] * ((max(times_ms) - first) // 1_000 + 1)
    for time in times_ms:
        counts[(time - first) // 1_000] += 1
    return counts


def warm_at(counts: Sequence[int], warmup_s: int, fill: int) -> int:
    """The first whole second that `warmup_s` seconds and `fill` events have gone before."""
    seen = 0
    for second, count in enumerate(counts):
        if second >= warmup_s and seen >= fill:
            return second
        seen += count
    return max(len(counts), warmup_s)


def window(counts: Sequence[int], warmup_s: int, fill: int, seconds: int) -> Window | None:
    """The first `seconds` whole seconds after the warm-up; None if the run was over before.

    The run's last second is left out: it is not whole.
    """
    begin = warm_at(counts, warmup_s, fill)
    if begin + seconds > len(counts) - 1:
        return None
    found = counts[begin : begin + seconds]
    half = seconds // 2
    return Window(
        begin,
        seconds,
        round(sum(found) / seconds, 1),
        round(sum(found[:half]) / max(1, half), 1),
        round(sum(found[half:]) / (seconds - half), 1),
    )


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the least-squares line through (x, y); 0 for fewer than two x."""
    if len(points) < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return 0.0
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
