"""Which checkpoint a job goes on from."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from cli.checkpoints import latest, remember
from risk.settings import Flink, Settings
from stack.process import Home

JOB, NEXT = "a" * 32, "b" * 32


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data folder")


def leave(home: Home, job: str, number: int, complete: bool = True) -> Path:
    folder = home.folder("flink") / "checkpoints" / job / f"chk-{number}"
    folder.mkdir(parents=True)
    if complete:
        (folder / "_metadata").touch()
    return folder


def test_without_a_job_there_is_none(home: Home) -> None:
    assert latest(Settings(), home, "score") is None
    remember(home, "score", JOB)
    assert latest(Settings(), home, "score") is None


def test_the_newest_complete_one_of_the_last_job(home: Home) -> None:
    remember(home, "postgres", "c" * 32)
    remember(home, "score", JOB)
    leave(home, JOB, 9)
    newest = leave(home, JOB, 10)
    leave(home, JOB, 11, complete=False)
    leave(home, NEXT, 50)
    assert latest(Settings(), home, "score") == newest.as_uri()
    assert latest(Settings(), home, "postgres") is None


def test_a_job_that_ended_early_leaves_what_it_went_on_from(home: Home) -> None:
    first = leave(home, JOB, 3)
    remember(home, "score", NEXT, first.as_uri())
    remember(home, "score", NEXT)  # seen running: nothing new
    assert latest(Settings(), home, "score") == first.as_uri()
    (first / "_metadata").unlink()
    assert latest(Settings(), home, "score") is None


def test_a_folder_of_ones_own(home: Home, tmp_path: Path) -> None:
    remember(home, "score", JOB)
    own = tmp_path / "elsewhere" / JOB / "chk-1"
    own.mkdir(parents=True)
    (own / "_metadata").touch()
    for named in (str(tmp_path / "elsewhere"), (tmp_path / "elsewhere").as_uri()):
        settings = replace(Settings(), flink=Flink(checkpoint_dir=named))
        assert latest(settings, home, "score") == own.as_uri()
    remote = replace(Settings(), flink=Flink(checkpoint_dir="s3://bucket/checkpoints"))
    assert latest(remote, home, "score") is None


def test_a_broken_file_is_no_file(home: Home) -> None:
    (home.folder("flink") / "jobs.json").write_text("{")
    assert latest(Settings(), home, "score") is None
    remember(home, "score", JOB)
