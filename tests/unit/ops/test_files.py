"""Files that commands write."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from risk.errors import UserError
from risk.ops import files


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    files.replace(place, b"one")
    files.replace(place, b"two")
    assert place.read_bytes() == b"two"
    for impossible in (tmp_path / "none" / "a.json", tmp_path, Path("/")):
        with pytest.raises(UserError, match=re.escape(f"{impossible}: ")):
            files.replace(impossible, b"three")
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]
    assert [one.name for one in tmp_path.parent.glob(f".{tmp_path.name}-*")] == []


def test_a_link_stays_one_and_a_device_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    files.replace(tmp_path / "link", b"new")
    assert (tmp_path / "real").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()
    files.replace(Path(os.devnull), b"nowhere")
    assert Path(os.devnull).is_char_device()


def test_what_can_not_be_written_is_told_before_it_is_made(tmp_path: Path) -> None:
    given = tmp_path / "set.parquet"
    given.write_bytes(b"")
    (tmp_path / "link").symlink_to(given)
    for path, why in (
        (tmp_path, "it is a folder: name a file"),
        (Path(""), "it is a folder"),
        (tmp_path / "none" / "x", "there is no folder"),
        (given, "the command reads it"),
        (tmp_path / "link", "the command reads it"),
        (given / "x", "there is no folder"),
        (tmp_path / ("x" * 300), "File name too long"),
        (tmp_path / "nul\0", "has the character U+0000"),
        (Path("/proc/page.html"), "No such file or directory: name another file"),  # to root, too
    ):
        with pytest.raises(UserError, match=re.escape(f"--html {path}: {why}")):
            files.check("--html", path, [given])
    files.check("--html", tmp_path / "new.html", [given])
    assert not (tmp_path / "new.html").exists()
    files.check("--html", Path(os.devnull))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "set.parquet"]


def test_folders_on_the_way_to_a_file_are_made_or_it_is_told_which_can_not_be(
    tmp_path: Path,
) -> None:
    files.make("--report", tmp_path / "a" / "b" / "report.json")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "a" / "x", Path("/proc/a/x"), tmp_path / "n\0" / "x"):
        with pytest.raises(UserError, match=re.escape(f"--report {path}: ")):
            files.make("--report", path)
