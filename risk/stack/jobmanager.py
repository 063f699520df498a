"""The JobManager's process."""

from __future__ import annotations

from risk.config.names import FLINK_PROCESS
from risk.config.settings import Settings, to_environment
from risk.stack import flink_command, flink_config, process
from risk.stack.process import Home
from risk.stack.secrets import with_generated

NAME = "flink"


def start(settings: Settings, home: Home) -> None:
    """Start it. It goes on with the jobs that it finds in ZooKeeper."""
    process.spawn(
        home,
        NAME,
        flink_command.jobmanager(home),
        # The settings' secrets too, as the TaskManagers: its sources ask Kafka for partitions.
        env=flink_config.environment(home)
        | to_environment(with_generated(settings, home, "jobs"))
        | {FLINK_PROCESS: NAME},
    )
