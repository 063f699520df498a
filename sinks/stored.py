"""A score as a store holds it, whatever the store: what verification compares."""

from __future__ import annotations

from typing import NamedTuple


class Stored(NamedTuple):
    """Times in ms UTC; `reasons` as (rule, version, points), in the order of the score's."""

    event_id: str
    user_id: str
    event_time: int
    revision: int
    score: int
    decision: str
    reasons: tuple[tuple[str, int, int], ...]
    fingerprint: str
    late: bool = False

    @property
    def payment(self) -> tuple[str, str, int]:
        """Which payment it is of: (event_id, user_id, event_time)."""
        return self.event_id, self.user_id, self.event_time
