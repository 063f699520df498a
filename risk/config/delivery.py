"""The delivery jobs' section."""

from __future__ import annotations

from risk.config.section import Section
from risk.config.types import Positive


class Delivery(Section, frozen=True):
    """The delivery jobs."""

    batch_ms: Positive = 50
    retry_min_ms: Positive = 100
    retry_max_ms: Positive = 10_000
    give_up_ms: Positive = 60_000  # then Flink restarts the job, which tries again
