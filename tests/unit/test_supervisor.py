"""The supervisor of the TaskManagers goes on, whatever hinders it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from risk.settings import Settings
from stack import taskmanagers
from stack.process import Home, StackError
from stack.supervisor import Supervisor


def test_a_taskmanager_that_can_not_be_started_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path)
    (home.folder("flink") / "taskmanagers.json").write_text(json.dumps(["taskmanager-0"]))

    def fails(settings: Settings, home: Home, name: str) -> None:
        raise StackError("no java on PATH")

    monkeypatch.setattr(taskmanagers, "start", fails)
    supervisor = Supervisor(Settings(), home)
    for _ in range(2):
        supervisor.look()
        assert capsys.readouterr().out.splitlines() == [
            "taskmanager-0 died: starting it again",
            "no java on PATH",
        ]
    assert taskmanagers.wanted(home) == ["taskmanager-0"]
