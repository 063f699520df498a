"""What `risk erase` and `risk user` refuse before they ask any server."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from risk.cli.main import main


@pytest.fixture(autouse=True)
def no_servers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RISK_POSTGRES__PORT", "1")
    monkeypatch.setenv("RISK_POSTGRES__PASSWORD", "told")
    monkeypatch.setenv("RISK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The one line that tells of a user's mistake."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    return line


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "it is a folder"),
        ("no\0", "has the character U+0000"),
        ("none/x", "there is no folder none"),
        ("x" * 300, "File name too long"),
        ("/proc/x", "No such file or directory"),
    ],
)
def test_a_certificate_without_a_place_is_told_before_anything_is_erased(
    capsys: pytest.CaptureFixture[str], name: str, why: str
) -> None:
    line = refused(capsys, "erase", "u1", "--yes", "--certificate", name)
    assert line.startswith("risk: --certificate ")
    assert why in line


def test_a_folder_that_takes_no_certificate_is_told_before_anything_is_erased(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/proc")
    assert refused(capsys, "erase", "u1", "--yes").startswith("risk: --certificate erasure-")
    assert "connection" in refused(capsys, "erase", "u1", "--dry-run")  # which writes none


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("a\0b", "has the character U+0000"),
        ("\udcff", "has the character U+DCFF"),
        ("x" * 1_001, "1,001 characters"),
        ("u1", "has the user_id in it"),
        ("as u1 has asked", "has the user_id in it"),
    ],
)
def test_a_reason_that_can_not_be_certified_is_refused(
    capsys: pytest.CaptureFixture[str], reason: str, why: str
) -> None:
    line = refused(capsys, "erase", "u1", "--yes", "--reason", reason)
    assert line.startswith("risk: --reason: ")
    assert why in line


@pytest.mark.parametrize("reason", ["", "u17 and bu1 are others", "request of 2026-03-01"])
def test_another_reason_is_taken(capsys: pytest.CaptureFixture[str], reason: str) -> None:
    line = refused(capsys, "erase", "u1", "--yes", "--reason", reason)
    assert line.startswith("risk: postgres: ")


@pytest.mark.parametrize("name", ["", "\udcff"])
def test_who_erases_has_a_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: name)
    assert "set LOGNAME" in refused(capsys, "erase", "u1", "--yes")


@pytest.mark.parametrize("option", ["--by", "--of"])
@pytest.mark.parametrize("text", ["", "a\0b", "\udcff", "x" * 129, " ", "a\u200b"])
def test_nobody_of_whom_accesses_are_listed_is_everybody(
    capsys: pytest.CaptureFixture[str], option: str, text: str
) -> None:
    assert refused(capsys, "user", "access", option, text).startswith(f"risk: {option}: ")


@pytest.mark.parametrize("name", ["", "a\0b", "\udcff", "x" * 10_000])
def test_a_name_that_nobody_can_have_is_nobodys(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    for argv in (("disable",), ("enable",), ("token",)):
        line = refused(capsys, "user", *argv, name)
        assert line.startswith("risk: NAME: there is no user ")
        assert len(line) < 300
    assert refused(capsys, "user", "role", name, "lead").startswith("risk: NAME: there is no user ")
