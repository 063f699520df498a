"""The scoring job's section."""

from __future__ import annotations

from typing import Annotated

import msgspec

from risk.config.section import Section
from risk.config.types import DAY_MS, Millis, Positive, Text


class Scoring(Section, frozen=True):
    """The scoring job."""

    ruleset: Text = "default"
    shards: Positive = 4  # of the sharded placement: the most that its parallelism can be
    batch_ms: Positive = 10
    exchange_ms: Positive = 10  # how long the sharded placement gathers between its operators
    lateness_ms: Millis = 30_000
    future_ms: Annotated[int, msgspec.Meta(ge=0, le=DAY_MS)] = 300_000
    # For so long, past its partition's mark, a payment is remembered so that its copies are known.
    dedup_ms: Annotated[int, msgspec.Meta(ge=0, le=DAY_MS)] = 600_000
    # So many payments of a partition may count for the features of others in each ten minutes of
    # event time (1,667 a second). Each further one is late. It bounds the memory of scoring.
    max_partition_payments: Positive = 1_000_000
    # A verdict counts from so long after it was known: by then it has been read everywhere.
    feedback_delay_ms: Millis = 60_000
    # For so long a payment is remembered for verdicts to come, where any feature counts these.
    feedback_memory_ms: Annotated[int, msgspec.Meta(ge=0, le=400 * DAY_MS)] = 45 * DAY_MS
    idle_ms: Positive = 5_000  # a partition silent for so long doesn't hold the frontier
    hold_ms: Positive = 60_000  # nor one that is read to its end, but so long far behind the others
    quiet_ms: Positive = 30_000  # when all have been silent for so long, everything settles
    huge_pages: bool = True  # for what the stages hold, where the kernel can
    niceness: Annotated[int, msgspec.Meta(ge=-20, le=19)] = -10  # of scoring, where it may
