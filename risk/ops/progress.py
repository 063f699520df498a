"""Whether a consumer group moves, from looks at it one after the other. Pure: time is passed in."""

from __future__ import annotations


class Progress:
    """Since when each group has stood still though records wait for it."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, float]] = {}

    def look(self, group: str, committed: int, waiting: int, now_s: float) -> float | None:
        """For how long, in seconds: 0 if it moves or nothing waits, None at the first look.

        `committed` is the sum over its partitions, `waiting` how many records are left to commit.
        """
        before = self._seen.get(group)
        if waiting <= 0:
            self._seen.pop(group, None)
            return 0.0
        if before is not None and before[0] == committed:
            return now_s - before[1]
        self._seen[group] = committed, now_s
        return None if before is None else 0.0
