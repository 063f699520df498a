"""What the demo that learns goes through: how long, at which rate, and with which fraud."""

from __future__ import annotations

from typing import Final

import msgspec

NEW: Final = "overcharging_shop"  # what no rule knows
KNOWN: Final = ("card_testing", "velocity_burst", "account_takeover")
ATTACKS: Final = ",".join((*KNOWN, NEW))

LATE_S: Final = 5.0  # a verdict comes so long after its payment
# By then it has, but for a few that come more than 5 s out of order: an older payment without one
# is taken to be honest.
MATURE_MS: Final = 10_000
PERIOD_MS: Final = 10_000  # in which the held-out part of the set is counted
HOLDOUT: Final = 0.2
KIND: Final = "boosting"
THREADS: Final = 1  # two would wait for one another on cores that jobs are busy on

LEARN_S: Final = 100.0  # of traffic at full rate before the model learns
LOW_RATE: Final = 20.0  # events/s, while a model is trained and a job stands by
SHADOW_S, LIVE_S = 20.0, 35.0  # of it after a takeover
LEAST_LEARN_S, LEAST_RATE = 100.0, 100.0  # less leaves too few frauds to learn from


class Course(msgspec.Struct, frozen=True):
    """What is asked for: events/s, seconds of traffic before the model learns, and its seed."""

    rate: float
    seconds: float
    seed: int
