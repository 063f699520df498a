"""The session cluster's section."""

from __future__ import annotations

from risk.config.section import Section
from risk.config.types import Host, Options, Port, Positive, Text, in_url


class Flink(Section, frozen=True):
    """The session cluster. One slot a TaskManager, so that each job has an interpreter alone."""

    host: Host = "127.0.0.1"
    rest_port: Port = 8081
    rpc_port: Port = 6123
    metrics_port: Port = 9250  # the first of as many as there are processes
    jobmanager_mb: Positive = 768
    taskmanager_mb: Positive = 1024
    taskmanager_java_opts: Options | None = None  # default: LATE_C2 of risk/stack/flink_config.py
    checkpoint_interval_ms: Positive = 5_000
    checkpoint_dir: Text | None = None  # default: in the data folder

    @property
    def url(self) -> str:
        """The REST address."""
        return f"http://{in_url(self.host)}:{self.rest_port}"
