"""TaskManagers: those that are wanted, and the end of all of them."""

from __future__ import annotations

import json
from pathlib import Path

from risk.stack import taskmanagers
from risk.stack.process import Home, alive, spawn


def test_all_are_stopped_and_none_is_wanted_any_more(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    taskmanagers.stop_all(home)  # of a cluster that has never run
    names = [f"{taskmanagers.PREFIX}{n}" for n in range(3)]
    for name in (taskmanagers.SUPERVISOR, *names[:2]):  # the last one has died
        spawn(home, name, ["sleep", "600"])
    wanted = home.folder("flink") / "taskmanagers.json"
    wanted.write_text(json.dumps(names), encoding="ascii")
    taskmanagers.stop_all(home)
    assert taskmanagers.wanted(home) == []
    assert not any(alive(home, name) for name in (taskmanagers.SUPERVISOR, *names))
