"""The pipeline on the test stack: its four jobs, traffic through it, and what came of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from generator.config import StreamConfig
from generator.publish import Publisher
from generator.stream import records
from risk.config.settings import Settings, to_environment
from risk.engine.payment.transaction import Transaction
from risk.kafka.client import client_config
from risk.kafka.topics import create_topics
from risk.ops import jobs
from risk.ops.ruleset_folder import read_folder
from risk.ops.submit import submit_all
from risk.paths import ROOT
from risk.stack import flink_lib
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable
from risk.stack.process import Home, alive
from risk.verify.verification import Report, verify
from sinks import registry

DAY_MS = 86_400_000
APART_MS = 120_000
TIMEOUT_S = 540.0  # of a command
SETTLE_S = 180.0  # on a slow machine, with much beside it
RULESET = "rules/default"
EMPTY: Mapping[str, str] = {}


class Pipeline:
    """Scoring and all deliveries, running. `jobs` are their ids: "score" and the stores' names.

    Every test adds its own events to the same topics, each later in event time than those before.
    """

    def __init__(self, settings: Settings, home: Home) -> None:
        self.settings, self.home = settings, home
        self.ruleset = read_folder(ROOT / RULESET)
        self.rest = FlinkRest(settings.flink.url)
        self.jobs: dict[str, str] = {}
        self._clock = time.time_ns() // 1_000_000 - DAY_MS

    def start(self) -> None:
        """Submit the jobs and wait until they run."""
        registry.migrate(self.settings)
        self.jobs = submit_all(self.settings, self.home, print, RULESET, anew=True)

    def moment(self, length_ms: int = 0) -> int:
        """An event time, in ms UTC, after which so long nothing else happens."""
        start = self._clock
        self._clock += length_ms + APART_MS
        return start

    def stream(self, *, rate: float, duration_s: float, **shares: Any) -> StreamConfig:
        """A stream of the generator in event times of its own."""
        start = self.moment(int(duration_s * 1_000))
        return StreamConfig(
            start_time=start, seed=start, rate=rate, duration_s=duration_s, **shares
        )

    def publish(self, config: StreamConfig) -> Publisher:
        """Publish a stream as fast as it goes."""
        publisher = self._publisher()
        publisher.run(records(config), paced=False)
        assert publisher.tally.errors == 0, publisher.tally.first_error
        return publisher

    @contextmanager
    def traffic(self, rate: float, at_most_s: float = 900) -> Iterator[None]:
        """Traffic at a rate, in events/s, as long as the block runs."""
        publisher = self._publisher()
        config = self.stream(rate=rate, duration_s=at_most_s)
        thread = threading.Thread(target=publisher.run, args=(records(config), True))
        thread.start()
        try:
            yield
        finally:
            publisher.stop()
            thread.join()
        assert publisher.tally.errors == 0, publisher.tally.first_error

    def verify(self, stores: Sequence[str] | None = None, wait_s: float = SETTLE_S) -> Report:
        """Compare every output with the oracle; waits until they agree."""
        return verify(self.settings, self.ruleset, stores, wait_s)

    def taskmanager(self, job: str) -> str:
        """The TaskManager that runs a job."""
        name = self.rest.taskmanager(job)
        assert name is not None, f"no TaskManager runs {job}"
        return name

    def kill(self, job: str) -> None:
        """Kill a job's TaskManager, and wait until another process has taken its place."""
        name = self.taskmanager(job)
        pid = alive(self.home, name)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda: alive(self.home, name) not in (None, pid), f"{name} is started again")

    def runs(self, name: str) -> bool:
        """Whether every task of a job, by its name in `jobs`, runs."""
        found = jobs.find(self.settings, self.jobs[name])
        return bool(found and found.runs)

    def restarts(self, job: str) -> int:
        """How many times a job was restarted, by its tasks' attempts: a metric may be late."""
        return max(self.attempts(job))

    def checkpoints(self, job: str) -> int:
        """How many checkpoints a job has completed."""
        return int(self.rest.get(f"/jobs/{job}/checkpoints")["counts"]["completed"])

    def wait_checkpoints(self, job: str, count: int = 1) -> None:
        """Wait until so many more checkpoints are completed."""
        before = self.checkpoints(job)
        until(lambda: self.checkpoints(job) >= before + count, f"{count} checkpoints of {job}")

    def attempts(self, job: str) -> list[int]:
        """Each subtask's attempt, from 0 up."""
        return [
            subtask["attempt"]
            for vertex in self.rest.get(f"/jobs/{job}")["vertices"]
            for subtask in self.rest.get(f"/jobs/{job}/vertices/{vertex['id']}")["subtasks"]
        ]

    def _publisher(self) -> Publisher:
        return Publisher(self.settings, client_config(self.settings.kafka), lambda: None)


def until(condition: Callable[[], object], what: str, timeout_s: float = 180.0) -> None:
    """Wait for a condition; Flink may be away for a while."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            if condition():
                return
        except (FlinkUnavailable, KeyError):
            pass
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s: {what}"
        time.sleep(0.3)  # what asks more often takes from what it waits for


def with_own_topics(settings: Settings, name: str) -> Settings:
    """The same servers with topics of their own, which are made."""
    names = msgspec.structs.asdict(settings.topics)
    topics = {field: f"{name}.{topic}" for field, topic in names.items()}
    apart = msgspec.structs.replace(settings, topics=type(settings.topics)(**topics))
    create_topics(apart, apart.kafka.servers)
    return apart


def risk(
    settings: Settings,
    *arguments: str,
    root: Path = ROOT,
    environment: Mapping[str, str] = EMPTY,
    timeout_s: float = TIMEOUT_S,
) -> subprocess.CompletedProcess[str]:
    """Run `risk …` with these settings, of the project in `root`."""
    command = [str(Path(sys.executable).with_name("risk")), *arguments]
    return run(command, settings, root, environment, timeout_s)


def flink_run(
    settings: Settings,
    home: Home,
    *arguments: str,
    root: Path = ROOT,
    environment: Mapping[str, str] = EMPTY,
) -> subprocess.CompletedProcess[str]:
    """Run `flink run` as it comes with Flink, with the embedded cluster's configuration."""
    flink = Path(sys.prefix, "lib", "python3.11", "site-packages", "pyflink", "bin", "flink")
    own = {
        "FLINK_CONF_DIR": str(home.path / "flink" / "conf"),
        "FLINK_LIB_DIR": str(flink_lib.folder(home)),
    }
    return run([str(flink), "run", "-d", *arguments], settings, root, {**own, **environment})


def run(
    command: Sequence[str],
    settings: Settings,
    root: Path,
    environment: Mapping[str, str],
    timeout_s: float = TIMEOUT_S,
) -> subprocess.CompletedProcess[str]:
    """Run a command in a project's folder, on its code, with settings from the environment."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RISK_")}
    own = to_environment(settings) | {"PYTHONPATH": str(root)}
    return subprocess.run(
        command,
        cwd=root,
        env={**kept, **own, **environment},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def transaction(event_id: str, user_id: str, event_time: int, **fields: Any) -> Transaction:
    """A payment with nothing special about it; on an address and a device of the user's own."""
    plain: dict[str, Any] = {
        "schema_version": 1,
        "amount": 5_000,
        "currency": "EUR",
        "merchant_id": "m1",
        "merchant_category": "5411",
        "channel": "pos",
        "country": "DE",
        "ip": ".".join(map(str, (10, *zlib.crc32(user_id.encode()).to_bytes(4)[1:]))),
        "device_id": f"device-of-{user_id}",
        "card_token": "tok_0123456789",
        "source": "bank-a",
    }
    return Transaction(
        event_id=event_id, user_id=user_id, event_time=event_time, **(plain | fields)
    )
