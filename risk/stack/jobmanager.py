"""The JobManager's process."""

from __future__ import annotations

import shutil

from risk.config.names import FLINK_PROCESS
from risk.config.settings import Settings, to_environment
from risk.stack import class_archive, flink_command, flink_config, process
from risk.stack.process import Home
from risk.stack.secrets import with_generated

NAME = "flink"
KIND = "jobmanager"
SCRATCH = "flink/tmp/jobmanager"  # not where TaskManagers have theirs, which outlive it


def start(settings: Settings, home: Home) -> None:
    """Start it. It goes on with the jobs that it finds in ZooKeeper."""
    shutil.rmtree(home.path / SCRATCH, ignore_errors=True)  # what one that was killed left
    scratch = home.folder(SCRATCH)
    process.spawn(
        home,
        NAME,
        [
            *flink_command.jobmanager(home, class_archive.options(home, KIND, NAME)),
            *("-D", f"io.tmp.dirs={scratch}"),
        ],
        # The settings' secrets too, as the TaskManagers: its sources ask Kafka for partitions.
        env=flink_config.environment(home)
        | to_environment(with_generated(settings, home, "jobs"))
        | {FLINK_PROCESS: NAME},
    )


def stop(home: Home, used: bool) -> None:
    """Stop it. One that was `used` has loaded all that jobs need, for an archive."""
    if process.stop(home, NAME) and used:
        class_archive.keep(home, KIND, NAME)
