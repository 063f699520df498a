"""`risk rules`, run as a user would."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from risk.cli.main import main
from risk.ops.ruleset_folder import read_folder, read_whole
from risk.registry.rulesets import fault

DEFAULT = Path(__file__).resolve().parents[3] / "rules" / "default"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT, tmp_path / "default"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def raise_version(folder: Path) -> int:
    """The ruleset's next version, from now on."""
    version = read_folder(folder).version
    edit(folder, "ruleset.yaml", f"version: {version}\n", f"version: {version + 1}\n")
    return version + 1


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
    raise_version(folder)
    assert main(["rules", "check", str(folder)]) == 1
    assert "not locked yet: run `risk rules lock`" in capsys.readouterr().err
    assert main(["rules", "lock", str(folder)]) == 0
    assert main(["rules", "check", str(folder)]) == 0


def test_an_unknown_ruleset_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "check", "nowhere"]) == 2
    assert "no ruleset nowhere: there are days, default, strict" in capsys.readouterr().err


def test_a_new_rule_is_valid_and_the_check_says_what_is_next(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "new", "huge_amount", "--ruleset", str(folder)]) == 0
    assert f"{folder}/huge_amount.yaml: fill it in, then `risk rules check" in _flat(capsys)
    assert main(["rules", "check", str(folder)]) == 1
    said = capsys.readouterr()
    assert "huge_amount\t1\t1\t2/2" in said.out
    assert "rule huge_amount: version 1 is not locked yet: run `risk rules lock`" in said.err
    version = raise_version(folder)
    assert f"its version is still {version - 1}: set version: {version}" in said.err
    assert main(["rules", "lock", str(folder)]) == 0
    assert main(["rules", "check", str(folder)]) == 0


@pytest.mark.parametrize("name", ["Huge", "9lives", "a-b", "../a", "a/b", "", "a" * 64])
def test_a_new_rule_needs_a_proper_name(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.parent.rglob("*"))
    assert main(["rules", "new", name, "--ruleset", str(folder)]) == 2
    assert "a rule's name begins with a small letter" in _flat(capsys)
    assert sorted(folder.parent.rglob("*")) == before


def test_a_new_rule_replaces_no_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("high_amount", "ruleset"):
        text = (folder / f"{name}.yaml").read_text("utf-8")
        assert main(["rules", "new", name, "--ruleset", str(folder)]) == 2
        assert f"{folder}/{name}.yaml is there already: choose another name" in _flat(capsys)
        assert (folder / f"{name}.yaml").read_text("utf-8") == text
    strict = folder.parent / "strict"
    shutil.copytree(DEFAULT.parent / "strict", strict)
    assert main(["rules", "new", "night_spending", "--ruleset", str(strict)]) == 2
    assert f"night_spending already, from {folder}/night_spending.yaml: copy" in _flat(capsys)


def test_the_first_rule_of_a_ruleset_is_made_as_well(tmp_path: Path) -> None:
    head = (DEFAULT / "ruleset.yaml").read_text("utf-8").replace("name: default", "name: mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "ruleset.yaml").write_text(head, "utf-8")
    assert main(["rules", "check", str(tmp_path / "mine")]) == 2
    assert main(["rules", "new", "first", "--ruleset", str(tmp_path / "mine")]) == 0
    assert main(["rules", "check", str(tmp_path / "mine")]) == 0


def _flat(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said, without the line breaks of a narrow terminal."""
    said = capsys.readouterr()
    return (said.out + said.err).replace("\n", "")


MODEL = """\
{"format": 1, "name": "card", "kind": "boosting", "inputs": [{"field": "amount"}],
 "trees": [[[0, 3, 1, 2, 0], [0], [1]]], "calibration": {"margins": [1], "scores": [0, 900]}}
"""


def test_check_lists_models_and_tells_what_is_wrong_with_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "card.json").write_text(MODEL, "utf-8")
    raise_version(folder)
    assert main(["rules", "lock", str(folder)]) == 0
    assert main(["rules", "check", str(folder)]) == 0
    assert "boosting" in capsys.readouterr().out
    assert main(["rules", "show", str(folder)]) == 0
    assert "model card: boosting, " in capsys.readouterr().out
    assert fault(read_whole(folder).files) is None  # it can be archived
    edit(folder, "models/card.json", '"amount"', '"amounts"')
    assert main(["rules", "check", str(folder)]) == 2
    assert "models/card.json:1:1: inputs[0]: no field amounts" in capsys.readouterr().err


def test_check_lists_champions_and_challengers(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "card.json").write_text(MODEL, "utf-8")
    other = MODEL.replace('"card"', '"card_next"')
    (folder / "models" / "card_next.json").write_text(other, "utf-8")
    rollout = "card: {challenger: card_next, share: 0.5, salt: 2026-11}\n"
    (folder / "models" / "rollout.yaml").write_text(rollout, "utf-8")
    raise_version(folder)
    assert main(["rules", "lock", str(folder)]) == 0
    capsys.readouterr()
    assert main(["rules", "check", str(folder)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["card", "champion", "card", "99.5", "%", "2026-11"] in rows
    assert ["card", "challenger", "card_next", "0.5", "%", "no", "2026-11"] in rows
    assert main(["rules", "show", str(folder)]) == 0
    told = "rollout card: 0.5 % of users by card_next, salt 2026-11"
    assert told in capsys.readouterr().out
    assert fault(read_whole(folder).files) is None  # it can be archived
    edit(folder, "models/rollout.yaml", "share: 0.5", "share: 101")
    assert main(["rules", "check", str(folder)]) == 2
    assert "models/rollout.yaml:1:38: expected a share" in capsys.readouterr().err
