"""ZooKeeper, which remembers the jobs for Flink: one server, from the distribution in the wheel.

A JobManager that died finds its jobs there, and lets each go on from its last checkpoint, under the
same id. See docs/adr/0001-jobs-outlive-the-jobmanager.md.
"""

from __future__ import annotations

import shutil
import socket

from risk.config.names import FLINK_PROCESS
from risk.config.settings import Settings
from risk.stack import flink_config, flink_lib, process
from risk.stack.java import java
from risk.stack.process import Home

NAME = "flink-zookeeper"
# Its data, and what is too large for it: the jobs' graphs and code, and where checkpoints are.
FOLDERS = ("flink/zookeeper", "flink/ha")
MAIN = "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain"
# A new JobManager leads once the dead one's session has ended. One that stands still for longer,
# because the machine does, loses its jobs to itself: they go on from their last checkpoints.
SESSION_S = 12
# A TaskManager leads nothing: it may miss ZooKeeper for longer, and its tasks go on meanwhile.
PATIENT = ("-D", "high-availability.zookeeper.client.session-timeout=60 s")


def address(settings: Settings) -> tuple[str, int]:
    """Where it listens: at the port after the JobManager's."""
    return settings.flink.host, settings.flink.rpc_port + 1


def options(settings: Settings, home: Home) -> dict[str, object]:
    """What Flink's configuration says of it."""
    host, port = address(settings)
    prefix = "high-availability.zookeeper"
    return {
        "high-availability.type": "zookeeper",
        "high-availability.storageDir": home.folder("flink/ha").as_uri(),
        "high-availability.jobmanager.port": settings.flink.rpc_port,
        f"{prefix}.quorum": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        f"{prefix}.client.session-timeout": f"{SESSION_S} s",
        f"{prefix}.client.connection-timeout": f"{SESSION_S} s",
        f"{prefix}.client.retry-wait": "1 s",
        f"{prefix}.client.max-retry-attempts": 30,
        # One that was away for less than a session has taken nothing from anybody.
        f"{prefix}.client.tolerate-suspended-connections": True,
    }


def start(settings: Settings, home: Home) -> None:
    """Start it over what it has kept."""
    host, port = address(settings)
    folder = home.folder(FOLDERS[0])
    config = folder / "zoo.cfg"
    values = {
        "dataDir": folder / "data",
        "clientPort": port,
        "clientPortAddress": host,
        "tickTime": SESSION_S * 1_000 // 4,
        "admin.enableServer": "false",
        "autopurge.purgeInterval": 1,
    }
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    config.write_text(text, encoding="utf-8")
    conf = home.folder(flink_config.FOLDER) / "conf"
    process.spawn(
        home,
        NAME,
        [
            *(java(), "-Xmx48m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *("-XX:+ExitOnOutOfMemoryError", "-Dzookeeper.preAllocSize=1024"),
            "-Dzookeeper.jmx.log4j.disable=true",
            f"-Dlog4j.configurationFile=file:{conf / 'log4j-zookeeper.properties'}",
            *("-cp", f"{flink_lib.folder(home)}/*", MAIN, config),
        ],
        env=flink_config.environment(home) | {FLINK_PROCESS: NAME},
        cwd=folder,
    )


def answers(settings: Settings) -> bool:
    """Whether it takes connections."""
    try:
        socket.create_connection(address(settings), 3).close()
    except OSError:
        return False
    return True


def forget(home: Home) -> None:
    """Remove all it has kept: no job of before comes back. It must not run."""
    for name in FOLDERS:
        shutil.rmtree(home.path / name, ignore_errors=True)
