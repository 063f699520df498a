"""The payments of a batch in the order in which its partitions come to them, side by side. Pure.

What is read from a backlog comes by turns: so many records of one partition, then as many of the
next, which happened at the same time. A key that payments of several partitions share, such as an
address, would see each turn as older than the one before it, and most decisions would have to be
corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def abreast(reached: Iterable[tuple[int, int]]) -> Sequence[int] | None:
    """The order to take payments in, by their places; None if all are of one partition.

    `reached` has the partition and the event time, ms UTC, of each. A partition's own order stays
    as it is: it has come as far as the highest of its times so far, and who has come less far is
    taken first.
    """
    furthest: dict[int, int] = {}
    marks = []
    for partition, time in reached:
        mark = furthest.get(partition, time)
        if time > mark:
            mark = time
        furthest[partition] = mark
        marks.append(mark)
    if len(furthest) < 2:
        return None
    return sorted(range(len(marks)), key=marks.__getitem__)
