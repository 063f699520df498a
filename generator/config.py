"""What a stream is made from. The same configuration gives the same stream, byte for byte."""

from __future__ import annotations

from typing import Annotated

import msgspec

Share = Annotated[float, msgspec.Meta(ge=0, le=0.5)]
PAUSE_S = 100  # on average a user pays once in so many seconds


class StreamConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`rate` in events/s, `duration_s` in seconds, `start_time` in ms UTC; the rest are shares.

    `attack` is "all", "none" or names with commas between. `users` defaults to as many as the rate
    needs, so that nobody pays more often than people do.

    With `skew_s` each of the `partitions` runs behind the one before it, the last by so much: its
    events are sent later, from the first moment on, so that event time begins `skew_s` before
    `start_time`. Of the honest payments `hot_share` come through `hot_ips` shared addresses, and
    `habit_share` look odd: `habits` says why, "all", "none" or names as of attacks.

    Of all payments, `open_share` lack optional fields or have attributes, `ahead` have a clock that
    is ahead, by up to `ahead_max_ms`, `shared_ids` have one of a few event_ids that everybody uses,
    and `retries` are sent again when they may be forgotten. In the middle of the stream the last
    partition is silent for `silence_s`, and then brings all of that time at once.
    """

    start_time: Annotated[int, msgspec.Meta(ge=0)]
    seed: int = 7
    rate: Annotated[float, msgspec.Meta(gt=0, le=1_000_000)] = 500.0
    duration_s: Annotated[float, msgspec.Meta(gt=0, le=31_536_000)] = 60.0
    users: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] | None = None
    attack: str = "all"
    attack_share: Share = 0.05
    habits: str = "all"
    habit_share: Share = 0.05
    open_share: Share = 0.02
    out_of_order: Share = 0.05
    out_of_order_max_ms: Annotated[int, msgspec.Meta(ge=0, le=25_000)] = 10_000
    duplicates: Share = 0.01
    malformed: Share = 0.002
    late: Share = 0.002
    skew_s: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = 0.0
    partitions: Annotated[int, msgspec.Meta(ge=1)] = 4
    hot_ips: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 0
    hot_share: Share = 0.0
    ahead: Share = 0.0
    ahead_max_ms: Annotated[int, msgspec.Meta(ge=1, le=300_000)] = 20_000
    shared_ids: Share = 0.0
    retries: Share = 0.0
    silence_s: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = 0.0

    @property
    def events(self) -> int:
        """How many records there are in all."""
        return round(self.rate * self.duration_s)

    @property
    def skew_ms(self) -> int:
        """How far the last partition runs behind the first."""
        return int(self.skew_s * 1_000)

    @property
    def population(self) -> int:
        """How many users there are."""
        return self.users or max(20_000, round(self.rate * PAUSE_S))
