"""The commands of Flink's processes: its scripts are asked once, until their answer changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from risk.errors import StackError
from risk.stack import flink_command, flink_config
from risk.stack.process import Home


def test_the_scripts_are_asked_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    kept = [["-Xmx1g", "-classpath", "a.jar"], ["-D", "taskmanager.cpu.cores=1.0"]]
    flink_config.asked(home, "taskmanager").write_text(json.dumps(kept), encoding="utf-8")
    found = flink_command.taskmanager(home, "taskmanager-3")
    assert found[0].endswith("/java")
    main = found.index(flink_command.TASKMANAGER.main)
    options, arguments = found[:main], found[main + 1 :]
    assert options[-3:] == kept[0]
    assert arguments == [
        *("--configDir", str(tmp_path / "flink" / "conf")),
        *kept[1],
        *("-D", "taskmanager.resource-id=taskmanager-3"),
    ]


def test_scripts_that_find_no_configuration_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"^Flink's config\.sh says: .+$"):
        flink_command.taskmanager(Home(tmp_path), "taskmanager-0")
    assert not flink_config.asked(Home(tmp_path), "taskmanager").exists()
