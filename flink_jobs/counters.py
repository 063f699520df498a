"""An operator's numbers: counted in plain Python, handed to Flink in bulk.

In thread mode raising one of Flink's counters takes 6 µs, counting in Python a hundredth of that.
PyFlink's gauges would be read without any call of ours, but by a thread of the reporter's, which
borrows the operator's Python thread state for it; CPython wants one to be used by one thread alone.
So each number is a counter of Flink's, which is raised now and then by what was counted since.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from risk.config.metric_names import LE, Metric

GROUP = "risk"
INTERVAL_S = 1.0


class Number:
    """One number. Set `value`, or add to it."""

    __slots__ = ("_counter", "_told", "value")

    def __init__(self, counter: Any) -> None:
        self.value = 0
        self._told = 0
        self._counter = counter

    def flush(self) -> None:
        """Tell Flink what is new."""
        if self.value != self._told:
            self._counter.inc(self.value - self._told)
            self._told = self.value


class Histogram:
    """How many values are within each upper bound, as Prometheus counts them.

    There is no sum: Flink's counters are integers, and a sum of seconds is not.
    """

    def __init__(self, buckets: Sequence[Number], bounds: Sequence[float]) -> None:
        self._buckets, self._bounds = buckets, bounds
        self._counts = [0] * len(buckets)

    def observe(self, value: float, times: int = 1) -> None:
        """Count a value; what is at a bound belongs below it."""
        self._counts[bisect_left(self._bounds, value)] += times

    def add_up(self) -> None:
        """Bring the buckets up to date."""
        total = 0
        for bucket, count in zip(self._buckets, self._counts, strict=True):
            total += count
            bucket.value = total


class Numbers:
    """All numbers of one operator's subtask. `group` is Flink's metric group of the operator."""

    def __init__(self, group: Any) -> None:
        self._group = group.add_group(GROUP)
        self._numbers: list[Number] = []
        self._histograms: list[Histogram] = []
        self._due = 0.0

    def number(self, metric: Metric, *labels: str) -> Number:
        """A counter or gauge, with a value for each of the metric's labels. Ask for it once."""
        return self._counter(self._labelled(metric, labels), metric.name)

    def histogram(self, metric: Metric, bounds: Sequence[float], *labels: str) -> Histogram:
        """A histogram with these upper bounds, ascending, and one bucket without a bound."""
        group, name = self._labelled(metric, labels), f"{metric.name}_bucket"
        ends = [*(f"{bound:g}" for bound in bounds), "+Inf"]
        found = Histogram([self._counter(group.add_group(LE, end), name) for end in ends], bounds)
        self._histograms.append(found)
        return found

    def due(self) -> bool:
        """Whether Flink was told nothing in the last second."""
        return time.monotonic() >= self._due

    def flush(self) -> None:
        """Tell Flink all that is new."""
        self._due = time.monotonic() + INTERVAL_S
        for histogram in self._histograms:
            histogram.add_up()
        for number in self._numbers:
            number.flush()

    def _labelled(self, metric: Metric, labels: Sequence[str]) -> Any:
        group = self._group
        for name, value in zip(metric.labels, labels, strict=True):
            group = group.add_group(name, value)
        return group

    def _counter(self, group: Any, name: str) -> Number:
        number = Number(group.counter(name))
        self._numbers.append(number)
        return number
