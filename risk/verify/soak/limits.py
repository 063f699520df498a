"""How much memory each process may take, from what it is configured to. Pure."""

from __future__ import annotations

from typing import Final

from risk.config.names import SCORE
from risk.config.settings import Settings
from risk.verify.soak.load import Load

# Beside a JVM's heap: classes, compiled code, threads' stacks, buffers.
JVM_MB: Final = 320
ROCKSDB_MB: Final = 512  # of each slot (`rocksdb.memory.fixed-per-slot`), outside of the JVM's
INTERPRETER_MB: Final = 320  # Python with all that a job or a server of ours imports
POSTGRES_MB: Final = 512
SMALL_MB: Final = 192  # ZooKeeper, the supervisor, and what else has no setting
ALERTS_MB: Final = 96  # that the console shows live: 20,000 at most, of some 4 KiB
REDIS_BESIDE_MB: Final = 96
PYTHON: Final = ("console", "cases", "api")  # servers of ours, with all that they import
# A payment that the scoring job remembers one by one, with a user, a device and an address of its
# own at worst. Of older ones it knows a hash, for as long as they may come once more.
PAYMENT_KIB: Final = 5
WINDOW_S: Final = 360  # the catalogue's longest window, and how long entries outlive it


def remembered(load: Load, settings: Settings) -> int:
    """How many payments the scoring job remembers one by one at most.

    As fast as they go they may all be there at once: event time is then what was told.
    """
    seconds = WINDOW_S + settings.scoring.lateness_ms / 1_000
    return min(load.payments, round(load.rate * seconds))


def holds_payments(process: str) -> bool:
    """Whether its memory is where payments are kept, so that it grows with them up to its limit."""
    return process.startswith("redis")


def limit_mb(process: str, load: Load, settings: Settings) -> float:
    """The most that a process may take, in MiB, by the name that the sampler gives it."""
    flink = settings.flink
    if process.startswith("taskmanager"):
        most = flink.taskmanager_mb + ROCKSDB_MB + INTERPRETER_MB
        if process == f"taskmanager {SCORE}":
            most += remembered(load, settings) * PAYMENT_KIB // 1_024
        return float(most)
    if process.startswith("kafka"):
        return float(settings.kafka.heap_mb + JVM_MB)
    if process.startswith("elasticsearch"):
        # Its buffers outside of the heap may be half as large.
        return float(settings.elasticsearch.heap_mb * 3 // 2 + JVM_MB)
    if process == "flink":
        return float(flink.jobmanager_mb + SMALL_MB)
    if process.startswith("redis"):
        return float(settings.redis.memory_mb + REDIS_BESIDE_MB)
    if process in PYTHON:
        return float(INTERPRETER_MB + (ALERTS_MB if process == "console" else 0))
    return float(POSTGRES_MB if process.startswith("postgres") else SMALL_MB)
