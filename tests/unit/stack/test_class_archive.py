"""The first of a kind of process leaves an archive of its classes, and all after it use that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from risk.stack import class_archive, flink_lib
from risk.stack.process import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    jars = tmp_path / "jars"
    (jars / "flink").mkdir(parents=True)
    (jars / "flink" / "connector.jar").write_bytes(b"1")
    monkeypatch.setattr(flink_lib, "JARS", jars)
    found = Home(tmp_path / "data")
    flink_lib.link(found, tmp_path / "nothing")
    return found


def draft(home: Home) -> Path:
    (option,) = class_archive.options(home, "client", "one")
    name, _, path = option.partition("=")
    assert name == "-XX:ArchiveClassesAtExit"
    return Path(path)


def test_one_records_and_all_use_what_it_left(home: Home) -> None:
    assert class_archive.options(home, "client", "another", leave=False) == []
    draft(home).write_bytes(b"classes")
    class_archive.keep(home, "client", "another")
    assert class_archive.options(home, "client", "another", leave=False) == []
    class_archive.keep(home, "client", "one")
    for name in ("one", "another"):
        (option,) = class_archive.options(home, "client", name)
        kept = Path(option.removeprefix("-XX:SharedArchiveFile="))
        assert kept.read_bytes() == b"classes"


def test_what_was_left_by_one_that_did_not_end_in_peace_is_not_used(home: Home) -> None:
    draft(home).write_bytes(b"half of it")
    assert not draft(home).exists(), "the next one starts afresh"
    class_archive.keep(home, "client", "one")
    assert class_archive.options(home, "client", "another", leave=False) == []


def test_other_jars_need_another_archive(home: Home, tmp_path: Path) -> None:
    draft(home).write_bytes(b"classes")
    class_archive.keep(home, "client", "one")
    (tmp_path / "jars" / "flink" / "another.jar").write_bytes(b"2")
    flink_lib.link(home, tmp_path / "nothing")
    assert class_archive.options(home, "client", "another", leave=False) == []


def test_links_that_are_right_stay_and_others_are_made_anew(home: Home, tmp_path: Path) -> None:
    lib = flink_lib.folder(home)
    before = lib.stat().st_ino
    flink_lib.link(home, tmp_path / "nothing")
    assert lib.stat().st_ino == before
    (lib / "connector.jar").unlink()
    flink_lib.link(home, tmp_path / "nothing")
    assert [path.name for path in lib.iterdir()] == ["connector.jar"]


def test_where_nobody_may_write_a_stack_has_its_own(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, jars = os.access, tmp_path / "jars"
    monkeypatch.setattr(os, "access", lambda path, mode: path != jars and real(path, mode))
    flink_lib.link(home, tmp_path / "nothing")
    assert flink_lib.folder(home) == tmp_path / "data" / "flink" / "lib"
    draft(home).write_bytes(b"classes")
    class_archive.keep(home, "client", "one")
    (option,) = class_archive.options(home, "client", "another", leave=False)
    assert str(tmp_path / "data" / "flink") in option
