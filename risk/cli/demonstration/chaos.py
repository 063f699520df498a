"""A crash on purpose: `kill -9` of the TaskManager that a job runs on."""

from __future__ import annotations

import os
import signal
import time
from typing import NamedTuple

from risk.config.settings import Settings
from risk.errors import UserError
from risk.stack.flink_rest import FlinkRest
from risk.stack.process import Home, alive

SETTLED_MS = 200  # a score so soon after the kill was on its way before it


class Killed(NamedTuple):
    """Which process was killed, and when (ms UTC)."""

    name: str
    pid: int
    at_ms: int


def kill_taskmanager(settings: Settings, home: Home, job: str) -> Killed:
    """Kill it. Raises `UserError` if the job has none of the embedded cluster's."""
    name = FlinkRest(settings.flink.url).taskmanager(job)
    pid = alive(home, name) if name else None
    if name is None or pid is None:
        raise UserError(f"--chaos: no TaskManager of {home.path} runs job {job}")
    os.kill(pid, signal.SIGKILL)
    return Killed(name, pid, time.time_ns() // 1_000_000)
