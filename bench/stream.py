"""The stream that everything is measured on: the generator's usual mix, windows full."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from generator.config import StreamConfig
from generator.stream import records
from risk.stages.base import Raw

START_TIME = 1_790_000_000_000  # 2026-09-21T14:13:20Z
WARM_S = 420  # the longest window (5 min), how long entries outlive it (1 min), lateness (30 s)


def stream(rate: float, duration_s: float, users: int | None = None, seed: int = 7) -> StreamConfig:
    """Event time moves at `rate` events/s for `duration_s` seconds; `users` defaults by rate."""
    return StreamConfig(
        start_time=START_TIME, seed=seed, rate=rate, duration_s=duration_s, users=users
    )


def raws(config: StreamConfig, partitions: int) -> Iterator[Raw]:
    """The records as they are read from Kafka: by key to partitions, appended when they are due."""
    offsets = [0] * partitions
    for record in records(config):
        partition = hash_of(record.key) % partitions
        yield Raw(
            partition,
            offsets[partition],
            config.start_time + record.due_ms,
            record.key,
            record.value,
        )
        offsets[partition] += 1


def hash_of(key: bytes | None) -> int:
    """A hash that is the same in every process."""
    found = 2_166_136_261
    for byte in key or b"":
        found = (found ^ byte) * 16_777_619 & 0xFFFFFFFF
    return found


def batches(source: Iterator[Raw], size: int) -> Iterator[list[Raw]]:
    """Lists of `size`, the last perhaps shorter."""
    while batch := list(islice(source, size)):
        yield batch
