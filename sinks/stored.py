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
