"""What the processes of a data folder take: memory, open handles, threads."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

import msgspec

from risk.errors import StackError
from risk.stack import procfs, signals
from risk.stack.process import Home, alive, recorded

KIB: Final = 1_024
# What a process has of its own or shares by parts; pages of files, which the kernel may take back
# at any time, are left out.
OWN: Final = ("Pss_Anon", "Pss_Shmem", "SwapPss")


class Usage(msgspec.Struct, frozen=True):
    """What a server takes with all its processes. `memory` in MiB."""

    memory: float
    handles: int
    threads: int


def look(home: Home) -> dict[str, Usage]:
    """Each server that runs, by the name of its pid file."""
    leaders = {name: pid for name in recorded(home) if (pid := alive(home, name)) is not None}
    found = {}
    for name, leader in leaders.items():
        try:
            pids = signals.session(home, name)
        except StackError:  # it has ended meanwhile
            continue
        if (usage := _sum(own(pids, leader, leaders.values()))) is not None:
            found[name] = usage
    return found


def own(pids: Iterable[int], leader: int, leaders: Collection[int]) -> list[int]:
    """Those of a server that aren't another: what the supervisor has started again is its child."""
    return [pid for pid in pids if pid == leader or pid not in leaders]


def _sum(pids: Iterable[int]) -> Usage | None:
    every = [one for pid in pids if (one := _one(procfs.PROC / str(pid))) is not None]
    if not every:
        return None
    return Usage(
        round(sum(one.memory for one in every), 1),
        sum(one.handles for one in every),
        sum(one.threads for one in every),
    )


def _one(place: Path) -> Usage | None:
    """A process; None if it has ended."""
    try:
        lines = (place / "smaps_rollup").read_text(encoding="ascii").splitlines()
        return Usage(memory(lines), len(os.listdir(place / "fd")), len(os.listdir(place / "task")))
    except OSError:
        return None


def memory(lines: Iterable[str]) -> float:
    """MiB, from the lines of `smaps_rollup`."""
    kib = 0
    for line in lines:
        name, _, rest = line.partition(":")
        if name in OWN:
            kib += int(rest.split()[0])
    return kib / KIB
