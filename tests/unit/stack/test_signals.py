from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from risk.errors import StackError
from risk.stack import process, procfs, signals
from risk.stack.process import Home
from risk.waiting import until

NAME = "server"
TWO = ("sh", "-c", "sleep 60 & wait")  # a process, and one of its own


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A server with two processes runs."""
    found = Home(tmp_path / "data")
    process.spawn(found, NAME, TWO)
    assert until(lambda: len(signals.session(found, NAME)) == 2, 10)
    yield found
    process.stop(found, NAME)


def states(pids: list[int]) -> set[str]:
    texts = [(procfs.PROC / str(pid) / "stat").read_text() for pid in pids]
    return {text.rpartition(")")[2].split()[0] for text in texts}


def test_a_server_hangs_as_long_as_it_is_frozen(home: Home) -> None:
    pids = signals.session(home, NAME)
    with signals.frozen(home, NAME):
        assert until(lambda: states(pids) == {"T"}, 10)
    assert until(lambda: states(pids) == {"S"}, 10)


def test_all_of_a_server_dies_at_once(home: Home) -> None:
    pids = signals.session(home, NAME)
    signals.kill(home, NAME)
    assert all(procfs.gone(pid) for pid in pids)
    assert process.alive(home, NAME) is None


def test_a_server_that_another_has_started_goes_on_without_it(tmp_path: Path) -> None:
    found = Home(tmp_path / "data")
    starts = f"process.spawn(Home(Path({str(found.path)!r})), 'started', ['sleep', '60'])"
    imports = "import time; from pathlib import Path; from risk.stack import process"
    code = f"{imports}; from risk.stack.process import Home; {starts}; time.sleep(60)"
    process.spawn(found, "supervisor", [sys.executable, "-c", code])
    try:
        assert until(lambda: process.alive(found, "started"), 30)
        signals.kill(found, "supervisor")
        assert process.alive(found, "started")
    finally:
        process.stop(found, "supervisor")
        process.stop(found, "started")


def test_what_does_not_run_can_not_be_harmed(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="server does not run"):
        signals.kill(Home(tmp_path / "data"), NAME)
