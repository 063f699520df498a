"""The JobManager's own folder: what a killed one left goes, what TaskManagers have there stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk.config.settings import Settings
from risk.stack import flink_command, jobmanager, process
from risk.stack.process import Home


def test_what_a_killed_one_left_goes_and_what_taskmanagers_have_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(flink_command, "jobmanager", lambda home, archive: ["java"])
    monkeypatch.setattr(process, "spawn", lambda home, name, command, **_: commands.append(command))
    home = Home(tmp_path)
    left = home.folder(f"{jobmanager.SCRATCH}/blobStore-1") / "code.zip"
    used = home.folder("flink/tmp/tm_taskmanager-0") / "state.sst"
    for file in (left, used):
        file.write_text("")
    jobmanager.start(Settings(), home)
    assert not left.exists()
    assert used.exists()
    assert commands == [["java", "-D", f"io.tmp.dirs={tmp_path / jobmanager.SCRATCH}"]]
