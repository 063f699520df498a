"""Old logs: a crash loop doesn't push out what tells its cause, and they take little room."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from risk.stack import logs
from risk.stack.logs import KEPT, rotate


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "flink.log"


def ran(log: Path, text: str, ended: float) -> None:
    """A run whose log ends then, and the next start."""
    log.write_text(text)
    os.utime(log, (ended, ended))
    rotate(log)


def kept(log: Path) -> list[str]:
    return [path.read_text() for path in logs._kept(log)]


def test_the_newest_comes_first(log: Path) -> None:
    rotate(log)
    assert kept(log) == []
    now = time.time()
    for number in range(KEPT):
        ran(log, str(number), now + 100 * number)
    assert not log.exists()
    assert kept(log) == ["4", "3", "2", "1", "0"]


def test_a_crash_loop_leaves_the_log_of_its_cause(log: Path) -> None:
    now = time.time()
    ran(log, "fine", now)
    ran(log, "the cause", now + 3_600)
    for number in range(200):
        ran(log, f"again {number}", now + 3_630 + 30 * number)
    assert len(kept(log)) == KEPT
    assert kept(log)[0] == "again 199"
    assert "the cause" in kept(log)
    assert {path.name for path in log.parent.iterdir()} == {
        f"flink.log.{number}" for number in range(1, KEPT + 1)
    }


def test_what_is_old_goes_in_the_end(log: Path) -> None:
    now = time.time()
    for number in range(20):
        ran(log, str(number), now - logs.OLD_S - 10_000 + 1_000 * number)
    assert int(kept(log)[-1]) >= 9


def test_of_a_long_one_the_end_is_kept(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "TAIL_BYTES", 10)
    log.write_text("x" * 1_000 + "the reason")
    rotate(log)
    assert kept(log) == ["the reason"]
    assert len(list(log.parent.iterdir())) == 1
