"""Which event times were told to have settled before a record was read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping


class Passed:
    """By partition, the furthest frontier that was told at each offset.

    A word holds for both sides: what the leader had yet to read when it told that is late where it
    is no later than the frontier. For the leader, too: it may come there with an earlier frontier,
    after a crash, or because it has begun to lead while it was behind the one that led before.
    """

    def __init__(self) -> None:
        # Offsets and frontiers, both of them ascending: a word that says less is left out.
        self._steps: dict[int, tuple[list[int], list[int]]] = {}

    def tell(self, frontier: int, read_to: Mapping[int, int]) -> None:
        """Up to here, in ms UTC, all has settled for who has read so far, by partition."""
        for partition, offset in read_to.items():
            offsets, frontiers = self._steps.setdefault(partition, ([], []))
            if frontier <= self.before(partition, offset):
                continue
            first, last = bisect_left(offsets, offset), bisect_right(frontiers, frontier)
            offsets[first:last], frontiers[first:last] = [offset], [frontier]

    def before(self, partition: int, offset: int) -> int:
        """The furthest that was told while the record at that place had yet to be read, in ms UTC;
        -1 if there is none.
        """
        offsets, frontiers = self._steps.get(partition, ([], []))
        index = bisect_right(offsets, offset)
        return frontiers[index - 1] if index else -1
