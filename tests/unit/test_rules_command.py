"""`risk rules`, run as a user would."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from risk.cli.main import main

DEFAULT = Path(__file__).resolve().parents[2] / "rules" / "default"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT, tmp_path / "default"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_check_and_show_what_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "check", "--all"]) == 0
    assert main(["rules", "check", "default"]) == 0
    assert "card_testing" in capsys.readouterr().out
    assert main(["rules", "show", "strict"]) == 0
    assert "REVIEW from" in capsys.readouterr().out


def test_a_failing_test_is_exit_code_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder, "velocity_burst.yaml", "given: {user_count_5m: 8}", "given: {user_count_5m: 2}")
    assert main(["rules", "check", str(folder)]) == 1
    assert "velocity_burst.yaml:8: test 'the eighth payment': missed, expected a hit" in (
        capsys.readouterr().err
    )


def test_an_invalid_file_is_exit_code_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder, "velocity_burst.yaml", "when: user_count_5m", "when: user_count_9m")
    for action in ("check", "lock", "show"):
        assert main(["rules", action, str(folder)]) == 2
        assert f"{folder}/velocity_burst.yaml:5:7: no feature" in capsys.readouterr().err


def test_a_change_needs_a_new_version_and_a_lock(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(folder, "velocity_burst.yaml", "points: 60", "points: 61")
    assert main(["rules", "check", str(folder)]) == 1
    assert main(["rules", "lock", str(folder)]) == 1
    assert "its version is still 1: set version: 2" in capsys.readouterr().err
    edit(folder, "velocity_burst.yaml", "version: 1", "version: 2")
    edit(folder, "ruleset.yaml", "version: 2", "version: 3")
    assert main(["rules", "check", str(folder)]) == 1
    assert "not locked yet: run `risk rules lock`" in capsys.readouterr().err
    assert main(["rules", "lock", str(folder)]) == 0
    assert main(["rules", "check", str(folder)]) == 0


def test_an_unknown_ruleset_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "check", "nowhere"]) == 2
    assert "no ruleset nowhere: there are default" in capsys.readouterr().err
