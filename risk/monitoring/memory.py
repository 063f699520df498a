"""How much memory the machine, or a container that may take less, has, and how much is left.

/proc/meminfo, which psutil reads, is of the machine even in a container, whose limit is its
cgroup's. A container sees its own at the top of what is mounted there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

import psutil

CGROUP: Final = Path("/sys/fs/cgroup")


class Memory(NamedTuple):
    """In bytes."""

    size: int
    available: int


class Cgroup(NamedTuple):
    """Where a version of cgroups has its limit, what is used, and the cache among that."""

    limit: str
    usage: str
    stat: str
    cache: str  # a field of `stat`


VERSIONS: Final = (
    Cgroup("memory.max", "memory.current", "memory.stat", "inactive_file"),
    Cgroup(
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",  # with the groups below it, as `usage_in_bytes` has them
    ),
)


def read(cgroup: Path = CGROUP) -> Memory | None:
    """As it is now; None where the system doesn't tell."""
    machine = of_machine()
    if machine is None:
        return None
    for version in VERSIONS:
        limit, usage = _text(cgroup / version.limit), _text(cgroup / version.usage)
        stat = _text(cgroup / version.stat)
        if (container := of_container(limit, usage, stat, version.cache)) is not None:
            return within(machine, container)
    return machine


def of_machine() -> Memory | None:
    """What the system says; None where it doesn't, as in a sandbox without /proc."""
    try:
        found = psutil.virtual_memory()
    except (OSError, LookupError, ValueError):
        return None
    return _memory(found.total, found.available)


def of_container(limit: str, usage: str, stat: str, cache: str) -> Memory | None:
    """What a cgroup's files say; None if there is no limit ("max"), or no file to say so.

    Pages of files that nobody reads at the moment count as used, but are given back before anything
    is refused. So they are left, as in MemAvailable: else whatever writes files would seem full.
    """
    size, used = _number(limit), _number(usage)
    if size is None or used is None:
        return None
    found = re.search(rf"^{cache} ([0-9]+)$", stat, re.MULTILINE)
    return _memory(size, size - used + (int(found[1]) if found else 0))


def within(machine: Memory, container: Memory) -> Memory:
    """Of a container in a machine. Version 1 writes a number beyond any machine for "no limit"."""
    if container.size >= machine.size:
        return machine
    # The limit is a promise that the machine may have given to others, too.
    return Memory(container.size, min(container.available, machine.available))


def _memory(size: int, available: int) -> Memory | None:
    return Memory(size, min(size, max(0, available))) if size else None


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if re.fullmatch("[0-9]+", text) else None


def _text(path: Path) -> str:
    """What a file says; nothing if it isn't there or can't be read."""
    try:
        return path.read_text("ascii", errors="replace")
    except OSError:
        return ""
