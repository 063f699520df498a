"""Flink: a session cluster. Its TaskManagers come and go with the jobs (`stack.taskmanagers`)."""

from __future__ import annotations

import shutil

from risk.settings import Settings, to_environment
from stack import flink_config, process, taskmanagers
from stack.flink_rest import FlinkRest, FlinkUnavailable
from stack.process import Home

NAME = "flink"


class Flink:
    """The JobManager, and the supervisor that keeps TaskManagers running."""

    name = NAME

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home

    def addresses(self) -> list[tuple[str, int]]:
        """The REST listener, and the one of the TaskManagers."""
        flink = self._settings.flink
        return [(flink.host, flink.rest_port), (flink.host, flink.rpc_port)]

    def start(self) -> None:
        """Start the JobManager without jobs or TaskManagers."""
        flink_config.write(self._settings, self._home)
        shutil.rmtree(self._home.folder("flink/tmp"), ignore_errors=True)
        taskmanagers.forget_all(self._home)
        process.spawn(
            self._home,
            NAME,
            [flink_config.distribution() / "bin" / "jobmanager.sh", "start-foreground"],
            # The settings' secrets too, as the TaskManagers: its sources ask Kafka for partitions.
            env=flink_config.environment(self._home) | to_environment(self._settings),
        )
        taskmanagers.start_supervisor(self._settings, self._home)

    def problem(self) -> str | None:
        """Healthy: it answers."""
        try:
            FlinkRest(self._settings.flink.url).overview()
        except FlinkUnavailable as error:
            return str(error)
        return None

    def stop(self) -> None:
        """Stop all of it. Jobs end without a savepoint; their checkpoints stay."""
        taskmanagers.stop_all(self._home)
        process.stop(self._home, NAME)


def create(settings: Settings, home: Home) -> Flink:
    """The server for these settings."""
    return Flink(settings, home)
