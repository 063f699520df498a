"""What the demo that learns goes through: how long, at which rate, and with which fraud."""

from __future__ import annotations

from typing import Final

import msgspec

NEW: Final = "overcharging_shop"  # what no rule knows
KNOWN: Final = ("card_testing", "velocity_burst", "account_takeover")
ATTACKS: Final = ",".join((*KNOWN, NEW))

LATE_S: Final = 10.0  # a verdict comes so long after its payment
MATURE_MS: Final = 15_000  # by then it has: an older payment without one is honest
PERIOD_MS: Final = 10_000  # in which the held-out part of the set is counted
HOLDOUT: Final = 0.2
KIND: Final = "boosting"

LEARN_S: Final = 100.0  # of traffic to learn from
SHADOW_S, LIVE_S = 20.0, 40.0
LEAST_LEARN_S, LEAST_RATE = 90.0, 100.0  # less leaves too few frauds to learn from


class Course(msgspec.Struct, frozen=True):
    """What is asked for: events/s, seconds of traffic to learn from, and the traffic's seed."""

    rate: float
    seconds: float
    seed: int
