"""The data folder is its owner's alone, whatever it was before."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from risk.stack.process import Home


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("before", [None, 0o755, 0o777])
def test_others_have_no_right_to_it(tmp_path: Path, before: int | None) -> None:
    home = Home(tmp_path / "a" / "data")
    if before:
        (home.path / "flink" / "tmp").mkdir(parents=True)
        for path in (home.path, home.path / "flink"):
            path.chmod(before)
    home.folder("flink/tmp")
    home.log("kafka")
    home.pid_file("kafka")
    # Root's servers that may not be root pass through, each to a folder of its own.
    assert mode(home.path) == (0o711 if os.geteuid() == 0 else 0o700)
    assert {mode(path) for path in home.path.iterdir()} == {0o700}
    assert mode(tmp_path / "a") & 0o055  # what is not the data folder stays as it is made
