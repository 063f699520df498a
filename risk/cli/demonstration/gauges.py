"""What is asked of the running system while the demo runs: each job's lag, the riskiest of all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import redis

from risk.background import Background
from risk.config.settings import Settings
from risk.config.types import in_url
from risk.stack.direct import open_url
from risk.stack.flink_config import TASKMANAGERS
from sinks.redis.read import top_ips, top_users

PENDING = re.compile(
    r'^flink_taskmanager_job_task_operator_pendingRecords\{[^}]*job_id="(\w+)"[^}]*\} (\S+)', re.M
)
ANSWER_S = 2.0
EVERY_S = 3.0  # a TaskManager writes some 400 KB of metrics each time
SHOWN = 5


class Gauges(Background):
    """Asked in a thread of its own, as none of the answers is quick. `lags` is by kind of job."""

    def __init__(
        self, settings: Settings, jobs: Mapping[str, str], every_s: float = EVERY_S
    ) -> None:
        super().__init__()
        self._settings, self._jobs, self._every_s = settings, jobs, every_s
        self.lags: dict[str, int] = {}
        self.users: list[tuple[str, int]] = []
        self.ips: list[tuple[str, int]] = []

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            found = lags(self._settings)
            self.lags = {kind: found[job] for kind, job in self._jobs.items() if job in found}
            try:
                self.users = top_users(self._settings, SHOWN)
                self.ips = top_ips(self._settings, SHOWN)
            except (redis.RedisError, OSError):
                self.users, self.ips = [], []


def lags(settings: Settings) -> dict[str, int]:
    """Records in Kafka that a job's source hasn't fetched, by the job's id."""
    flink = settings.flink
    ports = range(flink.metrics_port, flink.metrics_port + TASKMANAGERS + 1)
    return pending(_get(f"http://{in_url(flink.host)}:{port}/metrics") for port in ports)


def pending(pages: Iterable[str]) -> dict[str, int]:
    """The sum over each job's sources."""
    found: dict[str, int] = {}
    for page in pages:
        for job, value in PENDING.findall(page):
            found[job] = found.get(job, 0) + max(0, int(float(value)))
    return found


def _get(url: str) -> str:
    try:
        with open_url(url, ANSWER_S) as answer:
            text: str = answer.read().decode()
    except (OSError, ValueError):
        return ""  # no TaskManager there
    return text
