"""Flink: a session cluster. Its TaskManagers come and go with the jobs (`taskmanagers`)."""

from __future__ import annotations

import shutil

from risk.config.settings import Settings
from risk.stack import flink_config, jobmanager, process, taskmanagers, zookeeper
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable
from risk.stack.process import Home

NAME = jobmanager.NAME


class Flink:
    """The JobManager, what it remembers its jobs with, and the supervisor that revives both."""

    name = NAME

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home

    def addresses(self) -> list[tuple[str, int]]:
        """The REST listener, the one of the TaskManagers, and ZooKeeper's."""
        flink = self._settings.flink
        return [
            (flink.host, flink.rest_port),
            (flink.host, flink.rpc_port),
            zookeeper.address(self._settings),
        ]

    def processes(self) -> list[str]:
        """Those of the cluster; its TaskManagers come and go with the jobs."""
        return [NAME, zookeeper.NAME, taskmanagers.SUPERVISOR]

    def start(self) -> None:
        """Start what of it isn't running. Jobs that nobody has stopped go on: `risk down` does."""
        settings, home = self._settings, self._home
        with taskmanagers.lock(home):  # so that the supervisor doesn't start the same
            anew = not process.alive(home, NAME)
            if anew:
                taskmanagers.stop_all(home)
                process.stop(home, NAME)
                flink_config.write(settings, home, zookeeper.options(settings, home))
                shutil.rmtree(home.folder("flink/tmp"), ignore_errors=True)
            if not process.alive(home, zookeeper.NAME):
                zookeeper.start(settings, home)
            if anew:
                jobmanager.start(settings, home)
            if not process.alive(home, taskmanagers.SUPERVISOR):
                taskmanagers.start_supervisor(settings, home)

    def problem(self) -> str | None:
        """Healthy: it answers, and somebody would revive it."""
        dead = [
            name
            for name in (zookeeper.NAME, taskmanagers.SUPERVISOR)
            if not process.alive(self._home, name)
        ]
        if dead:
            return f"{', '.join(dead)} is down: `risk up` starts it"
        try:
            FlinkRest(self._settings.flink.url).overview()
        except FlinkUnavailable as error:
            return str(error)
        return None

    def stop(self) -> None:
        """Stop all of it. Jobs end without a savepoint; their checkpoints stay."""
        with taskmanagers.lock(self._home):  # so that the supervisor isn't about to start one
            used = bool(taskmanagers.wanted(self._home))
            taskmanagers.stop_all(self._home)
            jobmanager.stop(self._home, used)
            process.stop(self._home, zookeeper.NAME)
            zookeeper.forget(self._home)


def create(settings: Settings, home: Home) -> Flink:
    """The server for these settings."""
    return Flink(settings, home)
