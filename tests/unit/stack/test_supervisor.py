"""The supervisor of the cluster goes on, whatever hinders it, and revives what died."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from risk.config.settings import Flink, Settings
from risk.errors import StackError
from risk.stack import flink, jobmanager, process, taskmanagers, zookeeper
from risk.stack.process import Home
from risk.stack.supervisor import REPEAT_S, Pause, Supervisor

Look = Callable[[], list[str]]


class Hands:
    """What the supervisor would start; `fails` says with what each start ends."""

    def __init__(self) -> None:
        self.now = 0.0
        self.running: set[str] = set()
        self.started: list[str] = []
        self.fails: Exception | None = None

    def start(self, name: str) -> None:
        self.started.append(name)
        if self.fails:
            raise self.fails
        self.running.add(name)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    (found.folder("flink") / "taskmanagers.json").write_text(json.dumps(["taskmanager-0"]))
    return found


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """All runs, but no process is started for it."""
    found = Hands()
    found.running |= {zookeeper.NAME, jobmanager.NAME, "taskmanager-0"}
    monkeypatch.setattr(process, "alive", lambda home, name: 1 if name in found.running else None)
    monkeypatch.setattr(process, "stop", lambda home, name, **_: found.running.discard(name))
    monkeypatch.setattr(taskmanagers, "start", lambda settings, home, name: found.start(name))
    for module in (zookeeper, jobmanager):
        name = module.NAME
        monkeypatch.setattr(module, "start", lambda settings, home, name=name: found.start(name))
    return found


@pytest.fixture
def supervisor(home: Home, hands: Hands) -> Supervisor:
    # Nobody listens there: a cluster that runs on this machine is none of its own.
    nowhere = Settings(flink=Flink(rest_port=1))
    return Supervisor(nowhere, home, clock=lambda: hands.now)


def test_a_taskmanager_that_can_not_be_started_is_tried_again(
    home: Home, hands: Hands, supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    hands.running.discard("taskmanager-0")
    hands.fails = StackError("no java on PATH")
    for _ in range(2):
        supervisor.look()
        hands.now += REPEAT_S
        assert capsys.readouterr().out.splitlines() == [
            "taskmanager-0 died: no output: starting it again",
            "no java on PATH",
        ]
    assert taskmanagers.wanted(home) == ["taskmanager-0"]


def test_a_jobmanager_that_died_comes_back_and_finds_its_taskmanagers(
    hands: Hands, supervisor: Supervisor
) -> None:
    supervisor.look()
    assert hands.started == []
    hands.running.discard("flink")
    supervisor.look()
    assert hands.started == ["flink"]
    assert "taskmanager-0" in hands.running
    hands.running.discard("flink-zookeeper")
    supervisor.look()
    assert hands.started[1:] == ["flink-zookeeper"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyError("jobs")])
def test_whatever_fails_the_rest_is_done_and_it_is_told_once(
    hands: Hands, supervisor: Supervisor, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    hands.running -= {"flink-zookeeper", "taskmanager-0"}
    hands.fails = error
    for _ in range(100):
        supervisor.look()
        hands.now += 1
    assert set(hands.started) == {"flink-zookeeper", "taskmanager-0"}
    assert capsys.readouterr().out.count(type(error).__name__) == 1
    hands.fails = None
    hands.now += 60
    supervisor.look()
    assert hands.running == {"flink-zookeeper", "flink", "taskmanager-0"}


def test_a_full_disk_under_its_log_does_not_end_it(
    home: Home, hands: Hands, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.running.discard("taskmanager-0")
    # Its close fails once more, as it still holds what it could not write.
    with contextlib.suppress(OSError), open("/dev/full", "w") as full:
        monkeypatch.setattr("sys.stdout", full)
        supervisor.look()
        monkeypatch.undo()
    assert hands.started == ["taskmanager-0"]


def test_a_lock_that_can_not_be_had_does_not_end_it(
    home: Home, hands: Hands, supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = home.folder("flink") / "taskmanagers.lock"
    lock.mkdir()
    supervisor.look()
    assert "Is a directory" in capsys.readouterr().out
    lock.rmdir()
    hands.running.discard("taskmanager-0")
    supervisor.look()
    assert hands.started == ["taskmanager-0"]


def test_what_dies_again_and_again_is_started_ever_more_seldom() -> None:
    now = 0.0
    pause = Pause(lambda: now)
    starts = []
    while now < 200:
        if pause.over():
            starts.append(now)
        now += 1
    gaps = [after - before for before, after in itertools.pairwise(starts)]
    assert gaps == sorted(gaps)
    assert (gaps[0], gaps[-1]) == (1, 30)
    now += 1_000  # it has run for long
    assert pause.over()
    now += 1
    assert pause.over()


def test_jobs_that_were_stopped_with_the_cluster_do_not_come_back(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for name in zookeeper.FOLDERS:
        (home.folder(name) / "kept").touch()
    checkpoint = home.folder("flink/checkpoints") / "kept"
    checkpoint.touch()
    flink.create(Settings(), home).stop()
    assert not any((home.path / name).exists() for name in zookeeper.FOLDERS)
    assert checkpoint.exists()
