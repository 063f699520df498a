"""The delivery jobs' section."""

from __future__ import annotations

from risk.config.section import Section
from risk.config.types import Positive, UpTo100000


class Delivery(Section, frozen=True):
    """The delivery jobs."""

    batch_ms: Positive = 50  # some gather for longer: `gathers_ms` in sinks/registry.py
    retry_min_ms: Positive = 100
    retry_max_ms: Positive = 10_000
    give_up_ms: Positive = 60_000  # then Flink restarts the job, which tries again
    doubtful_tries: Positive = 5  # of a message that a store fails on, and not on those beside it
    # Of twice as many messages, refused alike: then none are put aside any more. 0: all are.
    refused_limit: UpTo100000 = 100
