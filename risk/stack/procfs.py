"""What /proc tells of processes."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def boot_id() -> str:
    """Of this boot of the machine: a pid file from before means nothing."""
    return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def start_time(pid: int, *, zombie: bool = False) -> str:
    """When a process started, in clock ticks since boot; empty if it is gone, or a zombie."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()  # the command's name before it may hold anything
    return "" if fields[0] in "ZX" and not zombie else fields[19]


def gone(pid: int) -> bool:
    """Whether nothing of a process is left but what its parent has to take note of.

    Its first thread may have ended before the others, which then still have its files and ports.
    """
    try:
        return not start_time(pid) and len(list((PROC / str(pid) / "task").iterdir())) <= 1
    except OSError:
        return True


def session(leader: int) -> list[int]:
    """The pids of a session, zombies left out."""
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        pid = int(entry.name)
        try:
            if os.getsid(pid) == leader and start_time(pid):
                found.append(pid)
        except OSError:
            continue
    return found


def has_variable(pid: int, variable: str) -> bool:
    """Was a process started with `NAME=value` in its environment?"""
    try:
        return variable.encode() in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def children(parent: int) -> list[int]:
    """The pids of a process's children, zombies left out."""
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            text = (entry / "stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        state, above, *_ = text.rpartition(")")[2].split()
        if int(above) == parent and state not in "ZX":
            found.append(int(entry.name))
    return found
