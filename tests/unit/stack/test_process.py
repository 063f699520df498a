"""Processes: found, stopped with all they started, never mistaken for another."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from risk.config.settings import Settings
from risk.errors import StackError
from risk.stack import ports, procfs
from risk.stack.process import MARK, Home, alive, last_line, reason, run, spawn, stop
from risk.stack.secrets import with_generated

TWO = ["sh", "-c", "sleep 600 & echo $! && sleep 600"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def started(home: Home) -> tuple[int, int]:
    """A process and its child, which says its pid."""
    pid = spawn(home, "two", TWO)
    until(lambda: last_line(home, "two").isdigit())
    return pid, int(last_line(home, "two"))


def test_a_process_and_its_child_are_stopped(home: Home) -> None:
    leader, child = started(home)
    assert alive(home, "two") == leader
    stop(home, "two")
    assert not running(leader)
    assert not running(child)
    assert alive(home, "two") is None
    stop(home, "two")  # once more does no harm


def test_a_child_whose_parent_was_killed_is_stopped(home: Home) -> None:
    leader, child = started(home)
    os.kill(leader, signal.SIGKILL)
    until(lambda: alive(home, "two") is None)
    assert running(child)
    stop(home, "two")
    assert not running(child)


def test_one_that_will_not_end_is_killed(home: Home) -> None:
    pid = spawn(home, "deaf", ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 600; done"])
    until(lambda: last_line(home, "deaf") == "ready")
    stop(home, "deaf", timeout_s=0.2)
    assert not running(pid)


def test_a_pid_used_again_is_left_alone(home: Home) -> None:
    other = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        spawn(home, "gone", ["true"])
        file = home.pid_file("gone")
        _, start, boot = file.read_text().split()
        file.write_text(f"{other.pid} {start}0 {boot}")
        assert alive(home, "gone") is None
        stop(home, "gone")
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_it_runs_apart_from_this_terminal(home: Home) -> None:
    pid = spawn(home, "two", TWO)
    try:
        assert os.getsid(pid) == pid
    finally:
        stop(home, "two")


def test_the_log_before_is_kept(home: Home) -> None:
    for word in ("first", "second", "third"):
        spawn(home, "echo", ["echo", word])
        until(lambda: not alive(home, "echo"))
        assert last_line(home, "echo") == word
    assert home.log("echo").with_suffix(".log.1").read_text() == "second\n"
    assert home.log("echo").with_suffix(".log.2").read_text() == "first\n"


def test_one_that_runs_is_not_started_again(home: Home) -> None:
    leader, child = started(home)
    with pytest.raises(StackError, match=rf"^two runs already \(pid {leader}\)$"):
        spawn(home, "two", TWO)
    assert alive(home, "two") == leader
    os.kill(leader, signal.SIGKILL)
    until(lambda: alive(home, "two") is None)
    spawn(home, "two", TWO)  # and what the dead one has left is gone
    assert not running(child)
    stop(home, "two")


@pytest.mark.parametrize("name", ["two.pid", "two.new"])
def test_without_room_for_a_pid_file_nothing_is_started(home: Home, name: str) -> None:
    (home.pid_file("two").with_name(name) / "x").mkdir(parents=True)
    with pytest.raises(StackError, match=r"^two: .*two\.(pid|new): Is a directory$"):
        spawn(home, "two", TWO)
    assert of(home) == []


def test_without_a_pid_file_nothing_is_left_running(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "two.new")

    def fails(pid: int, *, zombie: bool) -> str:
        until(lambda: len(of(home)) > 1)  # it has a child, too
        raise full

    monkeypatch.setattr(procfs, "start_time", fails)
    with pytest.raises(StackError, match=r"^two: two\.new: No space left on device$"):
        spawn(home, "two", TWO)
    monkeypatch.undo()
    until(lambda: of(home) == [])
    assert alive(home, "two") is None


def of(home: Home) -> list[int]:
    """The processes that belong to a data folder, known to it or not."""
    mark = f"{MARK}={home.path}"
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if procfs.has_variable(pid, mark)]


def test_the_reason_is_the_last_line_that_tells_of_an_error(home: Home) -> None:
    text = "LOG: starting\nFATAL: no room\nLOG: shut down\n"
    home.log("x").write_text(text)
    assert reason(home, "x") == "FATAL: no room"
    home.log("x").write_text("just this\n")
    assert reason(home, "x") == "just this"
    assert reason(home, "never ran") == "no output"


def test_what_cannot_be_run_is_one_line(home: Home) -> None:
    with pytest.raises(StackError, match=r"^x: /no/such/program: No such file or directory$"):
        spawn(home, "x", ["/no/such/program"])
    with pytest.raises(StackError, match=r"^x failed: the reason "):
        run(home, "x", ["sh", "-c", "echo the reason; exit 3"])


def test_passwords_are_made_once_and_private(home: Home) -> None:
    first = with_generated(Settings(), home)
    assert first.postgres.password
    assert first.redis.password
    assert first.postgres.password != first.redis.password
    assert with_generated(Settings(), home) == first
    for file in (home.path / "secrets").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert with_generated(first, Home(home.path / "other")) == first


@pytest.mark.parametrize(
    ("name", "port", "path"),
    [
        ("kafka", 9092, "kafka.port"),
        ("kafka", 9093, "kafka.controller_port"),
        ("flink", 9251, "flink.metrics_port"),
        ("elasticsearch", 9300, "elasticsearch.transport_port"),
    ],
)
def test_a_port_is_named_by_its_setting(name: str, port: int, path: str) -> None:
    assert ports.setting(Settings(), name, port) == path
