"""How many payments of a partition may count for others: what bounds the stages' memory.

It goes by the partition's own order and by event times, so a replay finds the same; one that
begins in the middle does so from the first ten minutes on that begin `scoring.future_ms` later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from risk.engine.features.catalogue import MINUTE

SPAN_MS: Final = 10 * MINUTE

# By partition: how many payments count of each span, by its number since 1970.
Counts = Mapping[int, Mapping[int, int]]


class PartitionLimit:
    """Of each partition and each ten minutes, whole ones since 1970, at most so many count.

    A payment is of the ten minutes of its event time, or of its partition's mark if that is later.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._spans: dict[int, dict[int, int]] = {}

    def admits(self, partition: int, mark: int, time: int) -> bool:
        """Count a payment in, unless there are as many as may be. Its partition's mark and its own
        time in ms UTC.
        """
        span = (time if time > mark else mark) // SPAN_MS
        spans = self._spans.get(partition)
        if spans is None:
            spans = self._spans[partition] = {}
        count = spans.get(span)
        if count is None:
            current = mark // SPAN_MS
            for past in [one for one in spans if one < current]:
                del spans[past]
            count = 0
        if count >= self.most:
            return False
        spans[span] = count + 1
        return True

    def fullest(self) -> int:
        """How many payments count in the fullest ten minutes of any partition."""
        return max((max(spans.values()) for spans in self._spans.values()), default=0)

    def counts(self) -> Counts:
        """What is to be stored."""
        return self._spans

    def load(self, counts: Counts) -> None:
        """Take up what was stored."""
        self._spans = {partition: dict(spans) for partition, spans in counts.items()}
