"""What must be there before a server is started, checked in a second instead of failing later."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import psutil

from risk.errors import StackError
from risk.stack import prometheus
from risk.stack.java import JARS, check_version
from risk.stack.process import Home

GIB = 1 << 30
DISK_BYTES = 3 * GIB
# What each server takes with its default heap, page cache left out: 4.5 GiB in all.
MEMORY_BYTES = {
    "kafka": GIB // 2,
    "postgres": GIB // 4,
    "redis": GIB // 4,
    "elasticsearch": GIB,
    "flink": 5 * GIB // 2,
    "prometheus": GIB // 4,
    "console": GIB // 4,
    "cases": GIB // 8,
    "api": GIB // 4,
}
# A file that is there once `make setup` has fetched the server.
FETCHED = {
    "kafka": "kafka/kafka_*.jar",
    "elasticsearch": "elasticsearch/bin/elasticsearch",
    "flink": "flink/flink-sql-connector-kafka-*.jar",
}


def check(home: Home, names: Iterable[str], brokers: int = 1) -> None:
    """Raise `StackError` with the first thing that is missing to start these servers.

    `brokers` is how many processes Kafka has.
    """
    names = tuple(names)
    if any(name in FETCHED for name in names):
        check_version()
    for name in names:
        if name in FETCHED and not any(JARS.glob(FETCHED[name])):
            raise StackError(f"{name}: {JARS / name} is missing or incomplete: run make setup")
    if "prometheus" in names:
        prometheus.binary()
    free = shutil.disk_usage(_existing(home.path)).free
    if free < DISK_BYTES:
        raise StackError(
            f"{home.path}: {_gib(free)} of disk free, {_gib(DISK_BYTES)} needed: "
            "free some or set data_dir to another disk"
        )
    processes = {"kafka": brokers}
    needed = sum(MEMORY_BYTES.get(name, 0) * processes.get(name, 1) for name in names)
    available = psutil.virtual_memory().available
    if available < needed:
        raise StackError(
            f"{_gib(available)} of memory available, {_gib(needed)} needed for "
            f"{', '.join(names)}: close something, or start fewer with --only"
        )


def _existing(path: Path) -> Path:
    return next(found for found in (path, *path.parents) if found.exists())


def _gib(count: int) -> str:
    return f"{count / GIB:.1f} GiB"
