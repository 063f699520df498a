"""The stream that everything is measured on: the generator's usual mix, windows full.

All of its payments have all fields and no attributes: baseline and peers read no others.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from generator.config import StreamConfig
from generator.partition import partition as partition_of
from generator.stream import records
from risk.engine.stages.base import Raw

START_TIME = 1_735_732_800_000  # 2025-01-01T12:00:00Z
WARM_S = 420  # the longest window (5 min), how long entries outlive it (1 min), lateness (30 s)


def stream(
    rate: float, duration_s: float, users: int | None = None, attack: str = "all"
) -> StreamConfig:
    """Event time moves at `rate` events/s for `duration_s` seconds; `users` defaults by rate."""
    return StreamConfig(
        start_time=START_TIME,
        rate=rate,
        duration_s=duration_s,
        users=users,
        attack=attack,
        open_share=0.0,
    )


def raws(config: StreamConfig, partitions: int) -> Iterator[Raw]:
    """The records as they are read from Kafka: by key to partitions, appended when they are due."""
    offsets = [0] * partitions
    for record in records(config):
        partition = partition_of(record.key or record.value, partitions)
        yield Raw(
            partition,
            offsets[partition],
            config.start_time + record.due_ms,
            record.key,
            record.value,
        )
        offsets[partition] += 1


def batches(source: Iterator[Raw], size: int) -> Iterator[list[Raw]]:
    """Lists of `size`, the last perhaps shorter."""
    while batch := list(islice(source, size)):
        yield batch
