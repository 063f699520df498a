"""How many payments of a partition may count for others at once: what bounds the stages' memory.

It goes by the partition's own order and by event times, so a replay finds the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from risk.engine.features.catalogue import MINUTE

SPAN_MS: Final = 10 * MINUTE
STEP_MS: Final = 10_000  # payments are forgotten in steps

# By partition: how many payments there are of each step.
Counts = Mapping[int, Mapping[int, int]]


class _Partition:
    """`steps` has how many payments are of each step, `total` all of them."""

    __slots__ = ("begin", "steps", "total")

    def __init__(self, steps: Mapping[int, int]) -> None:
        self.steps = dict(steps)
        self.total = sum(self.steps.values())
        self.begin = min(self.steps, default=-1)  # no payment is of an earlier step

    def forget(self, begin: int) -> None:
        """Steps before this one count no more."""
        steps = self.steps
        gone = range(self.begin, begin) if begin - self.begin < len(steps) else list(steps)
        for step in gone:
            if step < begin:
                self.total -= steps.pop(step, 0)
        self.begin = begin


class PartitionLimit:
    """Of each partition at most so many payments count, of any ten minutes up to its mark."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._partitions: dict[int, _Partition] = {}

    def admits(self, partition: int, mark: int, time: int) -> bool:
        """Count a payment in, unless there are as many as may be. The mark and its time in ms."""
        found = self._partitions.get(partition)
        if found is None:
            found = self._partitions[partition] = _Partition({})
        begin = (mark - SPAN_MS) // STEP_MS
        if begin > found.begin:
            found.forget(begin)
        if found.total >= self._most:
            return False
        step = (time if time > mark else mark) // STEP_MS
        steps = found.steps
        steps[step] = steps.get(step, 0) + 1
        found.total += 1
        return True

    def counts(self) -> Counts:
        """What is to be stored."""
        return {partition: one.steps for partition, one in self._partitions.items()}

    def load(self, counts: Counts) -> None:
        """Take up what was stored."""
        self._partitions = {partition: _Partition(steps) for partition, steps in counts.items()}
