"""Flink's configuration: what differs from the wheel's defaults, and why."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import yaml

from risk.config.settings import Settings
from risk.stack import flink_lib, flink_logging
from risk.stack.java import java_home
from risk.stack.process import Home

FOLDER = "flink"
INTERPRETER = Path(__file__).with_name("interpreter")  # its sitecustomize leaves out imports
TASKMANAGERS = 8  # at most so many have a metrics port each
NOTHING: Mapping[str, object] = MappingProxyType({})
# C2 comes ten times later than by default: what runs only once a batch never earns its time, which
# on few cores is taken from the events; what runs once an event gets it within seconds of load.
LATE_C2 = (
    "-XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000 "
    "-XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000"
)
# What ZooKeeper logs: to its standard output, and no more than is wrong.
WARNINGS = """\
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = Console
appender.console.type = Console
appender.console.name = Console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %c{1} %m%n
"""


def distribution() -> Path:
    """The Flink distribution in the wheel."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Path(sys.prefix) / "lib" / version / "site-packages" / "pyflink"


def conf(home: Home) -> Path:
    """The folder of the configuration itself."""
    return home.folder(FOLDER) / "conf"


def asked(home: Home, role: str) -> Path:
    """Keeps what Flink's scripts make of the configuration (`risk.stack.flink_command`)."""
    return home.folder(FOLDER) / f"{role}.json"


def write(settings: Settings, home: Home, more: Mapping[str, object] = NOTHING) -> None:
    """Write `conf/`, with `more` options, and link the jars on the classpath."""
    for role in ("jobmanager", "taskmanager", "flink"):
        asked(home, role).unlink(missing_ok=True)
    folder = conf(home)
    folder.mkdir(exist_ok=True)
    _write_logging(settings, folder)
    # JSON is YAML.
    text = json.dumps(configuration(settings, home) | dict(more), indent=1)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    flink_lib.link(home, distribution())


def _write_logging(settings: Settings, folder: Path) -> None:
    shipped = (distribution() / "conf").glob("log4j*.properties")
    texts = {path.name: path.read_text(encoding="utf-8") for path in shipped}
    texts["log4j-zookeeper.properties"] = WARNINGS
    template = folder / flink_logging.TEMPLATE
    template.write_text(flink_logging.template(), encoding="utf-8")
    for name, text in texts.items():
        # What a command of Flink's says goes to a terminal: it stays text.
        if settings.logging.format == "json" and name != "log4j-cli.properties":
            text = flink_logging.as_json(text, template)
        (folder / name).write_text(text, encoding="utf-8")


def configuration(settings: Settings, home: Home) -> dict[str, object]:
    """`config.yaml`, flat."""
    flink, folder = settings.flink, home.folder(FOLDER)
    shipped = yaml.safe_load((distribution() / "conf" / "config.yaml").read_text("utf-8"))
    python = Path(sys.executable)
    own_options = flink.taskmanager_java_opts
    checkpoints = flink.checkpoint_dir or (folder / "checkpoints").as_uri()
    return {
        "env.java.opts.all": shipped["env"]["java"]["opts"]["all"],
        "env.java.opts.taskmanager": LATE_C2 if own_options is None else own_options,
        # Nothing in these two runs often enough to be worth C2's time.
        "env.java.opts.jobmanager": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        "env.java.opts.client": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        "jobmanager.rpc.address": flink.host,
        "jobmanager.rpc.port": flink.rpc_port,
        "jobmanager.bind-host": flink.host,
        "jobmanager.memory.process.size": f"{flink.jobmanager_mb}m",
        "jobmanager.memory.jvm-metaspace.size": "192m",
        "taskmanager.bind-host": flink.host,
        "taskmanager.host": flink.host,
        "taskmanager.numberOfTaskSlots": 1,  # a job has the interpreter of its TaskManager alone
        "taskmanager.memory.process.size": f"{flink.taskmanager_mb}m",
        "taskmanager.memory.managed.fraction": 0.3,
        "taskmanager.memory.jvm-metaspace.size": "160m",
        "taskmanager.memory.network.min": "32m",
        "taskmanager.memory.network.max": "32m",
        "rest.address": flink.host,
        "rest.bind-address": flink.host,
        "rest.port": flink.rest_port,
        "rest.flamegraph.enabled": True,
        "web.submit.enable": False,
        "web.access-control-allow-origin": flink.url,  # not any page that a browser shows
        "state.backend.type": "rocksdb",
        # State is written every few seconds and gone in minutes: with less memory, or compressed,
        # RocksDB takes a good part of a core to sort what is about to be deleted.
        "state.backend.rocksdb.memory.fixed-per-slot": "512m",
        "state.backend.rocksdb.compression.per.level": "NO_COMPRESSION",
        # A checkpoint leaves a small file whose keys come after all others', so none overlaps with
        # another, and nothing merges them of itself: 10 open files more a minute, for ever. Flink
        # merges neighbours of the same level: with sizes that go by what there is, all are in one.
        "state.backend.rocksdb.compaction.level.use-dynamic-size": True,
        "state.backend.rocksdb.manual-compaction.min-interval": "1 min",
        "state.backend.rocksdb.manual-compaction.max-file-size-to-compact": "8 mb",
        "state.backend.rocksdb.manual-compaction.min-files-to-compact": 2,
        "state.backend.rocksdb.metrics.estimate-live-data-size": True,
        "state.backend.rocksdb.metrics.estimate-num-keys": True,
        "execution.checkpointing.interval": f"{flink.checkpoint_interval_ms} ms",
        "execution.checkpointing.min-pause": f"{flink.checkpoint_interval_ms // 2} ms",
        "execution.checkpointing.timeout": "2 min",
        "execution.checkpointing.tolerable-failed-checkpoints": 3,
        "execution.checkpointing.incremental": True,
        "execution.checkpointing.mode": "EXACTLY_ONCE",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "execution.checkpointing.dir": checkpoints,
        "execution.checkpointing.savepoint-dir": (folder / "savepoints").as_uri(),
        "restart-strategy.type": "exponential-delay",
        "restart-strategy.exponential-delay.initial-backoff": "500 ms",
        "restart-strategy.exponential-delay.max-backoff": "30 s",
        # A TaskManager that was killed is missed at once, not after the default 50 s.
        "heartbeat.interval": "2 s",
        "heartbeat.timeout": "12 s",
        # A TaskManager that lost the JobManager keeps its slot for the job that it had: its
        # interpreter holds that job's modules, and another job must not find them.
        "taskmanager.slot.timeout": "10 min",
        # A JobManager that finds many jobs again answers itself late, on a slow machine after more
        # than the default 10 s, which it then takes for fatal.
        "pekko.ask.timeout": "60 s",
        # All metrics wait for an answer of each TaskManager: of a killed one, else for 10 minutes.
        "web.timeout": 20_000,
        "slot.request.timeout": "5 min",
        # A job waits for the TaskManager that is started for it, and doesn't fail at first.
        "resourcemanager.standalone.start-up-time": 240 * 86_400_000,  # its timer takes no more
        "python.execution-mode": "thread",
        "python.executable": str(python),
        "python.client.executable": str(python),
        "metrics.reporters": "prom",
        "metrics.reporter.prom.factory.class": (
            "org.apache.flink.metrics.prometheus.PrometheusReporterFactory"
        ),
        "metrics.reporter.prom.port": f"{flink.metrics_port}-{flink.metrics_port + TASKMANAGERS}",
        # Else the upper bound of a bucket, le="0.05", would read "0_05".
        "metrics.reporter.prom.filterLabelValueCharacters": False,
        "metrics.latency.interval": 0,
        "io.tmp.dirs": str(home.folder(f"{FOLDER}/tmp")),
    }


def environment(home: Home) -> dict[str, str]:
    """What Flink's scripts are told by the environment."""
    folder, flink = home.folder(FOLDER), distribution()
    path = os.environ.get("PATH", os.defpath)
    return {
        "PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{path}",
        "HOME": os.environ.get("HOME", str(folder)),
        "JAVA_HOME": str(java_home()),
        "FLINK_HOME": str(flink),
        "FLINK_BIN_DIR": str(flink / "bin"),
        "FLINK_CONF_DIR": str(conf(home)),
        "FLINK_LIB_DIR": str(flink_lib.folder(home)),
        "FLINK_OPT_DIR": str(flink / "opt"),
        "FLINK_PLUGINS_DIR": str(flink / "plugins"),
        "FLINK_LOG_DIR": str(home.folder("logs")),
        "FLINK_PID_DIR": str(home.folder("run/flink")),
    }
