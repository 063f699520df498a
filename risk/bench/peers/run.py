"""Runs a peer: its environment, its processes, and nothing left of it afterwards."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from risk.config.settings import Settings, to_environment
from risk.errors import StackError
from risk.kafka.topics import delete_topics, existing_topics
from risk.paths import ROOT

VENVS = ROOT / "build" / "peers"
PEERS = ("quix", "bytewax")
PYTHON = "python3.11"  # Bytewax has no wheels for every later one
BYTEWAX_PORT = 21_500
START_S = 2.0  # a process that can't work has ended by then
END_S = 15.0
QUIX_TOPICS = ("changelog__", "repartition__")


def prepare(name: str, say: Callable[[str], None]) -> None:
    """Make the peer's environment, unless it is there with these requirements."""
    required = Path(__file__).parent / name / "requirements.txt"
    digest = hashlib.sha256(required.read_bytes()).hexdigest()
    venv = VENVS / name
    stamp = venv / ".requirements"
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return
    say(f"{name}: packages into {venv.relative_to(ROOT)}")
    python = shutil.which(PYTHON) or sys.executable
    for command in (
        (python, "-m", "venv", "--clear", str(venv)),
        (str(venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "-r"),
    ):
        full = (*command, str(required)) if command[-1] == "-r" else command
        done = subprocess.run(full, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no reason given"]
            raise StackError(f"{name}: {' '.join(command[:3])} failed: {lines[-1]}")
    stamp.write_text(digest, encoding="ascii")


class Peer:
    """One peer (`risk.bench.jobs.Jobs`). Its options: `processes`, how many there are."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._python = str(VENVS / name / "bin" / "python")

    @contextmanager
    def running(
        self, settings: Settings, script: Path, args: Sequence[str], options: Mapping[str, str]
    ) -> Iterator[str]:
        """The peer's processes. Of `args` the group and the ruleset are taken."""
        given = dict(zip(args[::2], args[1::2], strict=True))
        count = int(options.get("processes", "1"))
        work = VENVS / f"{self._name}.state"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        commands = getattr(self, f"_{self._name}")(count, work, given)
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("RISK_")},
            **to_environment(settings),
            "PYTHONPATH": str(ROOT),
        }
        processes: list[subprocess.Popen[bytes]] = []
        log = work.with_suffix(".log")
        try:
            with log.open("wb") as out:
                for command in commands:
                    processes.append(
                        subprocess.Popen(
                            command,
                            cwd=ROOT,
                            env=environment,
                            stdin=subprocess.DEVNULL,
                            stdout=out,
                            stderr=subprocess.STDOUT,
                        )
                    )
            time.sleep(START_S)
            if any(process.poll() is not None for process in processes):
                raise StackError(f"{self._name}: a process ended at once: see {log}")
            yield self._name
            if any(process.poll() is not None for process in processes):
                raise StackError(f"{self._name}: a process ended by itself: see {log}")
        finally:
            _end(processes)
            shutil.rmtree(work, ignore_errors=True)
            own = [n for n in existing_topics(settings) if n.startswith(QUIX_TOPICS)]
            delete_topics(settings, [name for name in own if given["--group"] in name])

    def _quix(self, count: int, work: Path, given: Mapping[str, str]) -> list[list[str]]:
        group, ruleset = given["--group"], given["--ruleset"]
        command = [self._python, "-m", "risk.bench.peers.quix.job", "--group", group]
        command += ["--ruleset", ruleset, "--state"]
        return [[*command, str(work / str(number))] for number in range(count)]

    def _bytewax(self, count: int, work: Path, given: Mapping[str, str]) -> list[list[str]]:
        init = [self._python, "-m", "bytewax.recovery", str(work), str(count)]
        subprocess.run(init, check=True, capture_output=True)
        flow = f"risk.bench.peers.bytewax.flow:flow({given['--ruleset']!r})"
        command = [self._python, "-m", "bytewax.run", flow, "-r", str(work), "-s", "5", "-b", "0"]
        if count == 1:
            return [command]
        addresses = ";".join(f"127.0.0.1:{BYTEWAX_PORT + number}" for number in range(count))
        return [[*command, "-i", str(number), "-a", addresses] for number in range(count)]


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + END_S
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
