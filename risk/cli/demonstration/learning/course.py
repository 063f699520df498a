"""What the demo that learns goes through: how long, at which rate, and with which fraud."""

from __future__ import annotations

from typing import Final

import msgspec

NEW: Final = "overcharging_shop"  # what no rule knows
KNOWN: Final = ("card_testing", "velocity_burst", "account_takeover")
ATTACKS: Final = ",".join((*KNOWN, NEW))

LATE_S: Final = 10.0  # a verdict comes so long after its payment
# By then it has, also of one that came as much out of order as the generator lets it: an older
# payment without one is honest.
MATURE_MS: Final = 21_000
PERIOD_MS: Final = 10_000  # in which the held-out part of the set is counted
HOLDOUT: Final = 0.2
KIND: Final = "boosting"

LEARN_S: Final = 110.0  # of traffic before the model learns
SHADOW_S, LIVE_S = 20.0, 40.0  # at least, of the traffic after a takeover
LEAST_LEARN_S, LEAST_RATE = 100.0, 100.0  # less leaves too few frauds to learn from


class Course(msgspec.Struct, frozen=True):
    """What is asked for: events/s, seconds of traffic before the model learns, and its seed."""

    rate: float
    seconds: float
    seed: int
