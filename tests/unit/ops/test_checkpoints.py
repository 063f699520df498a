"""Which checkpoint a job goes on from."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from risk.config.settings import Flink, Settings
from risk.errors import UserError
from risk.ops.checkpoints import Unseen, latest, remember
from risk.ops.restore import NotRestored, parse, restore_points
from risk.stack.process import Home

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


@pytest.mark.parametrize("named", ["s3://bucket/checkpoints", "hdfs:///x", "gs://bucket"])
def test_a_place_that_can_not_be_searched_is_never_taken_for_empty(home: Home, named: str) -> None:
    remote = replace(Settings(), flink=Flink(checkpoint_dir=named, rest_port=1))
    assert latest(remote, home, "score") is None  # nothing has run yet
    remember(home, "score", JOB)
    with pytest.raises(Unseen, match=f"^{named} is not a folder that can be searched from here$"):
        latest(remote, home, "score")


def test_a_folder_that_can_not_be_read_is_never_taken_for_empty(home: Home) -> None:
    remember(home, "score", JOB)
    (home.folder("flink") / "checkpoints").touch()  # as root, permissions hinder nobody
    with pytest.raises(Unseen, match=r"Not a directory$"):
        latest(Settings(), home, "score")


def test_the_scoring_job_is_refused_and_a_delivery_is_told(home: Home) -> None:
    remote = replace(Settings(), flink=Flink(checkpoint_dir="s3://bucket/x", rest_port=1))
    said: list[str] = []
    for kind in ("score", "redis"):
        remember(home, kind, JOB)
    with pytest.raises(NotRestored, match=r"name one with `--from score=PATH`$"):
        restore_points(remote, home, ["score"], {}, said.append)
    given = {"score": "s3://bucket/x/a/chk-7"}
    assert restore_points(remote, home, ["score", "redis"], given, said.append) == given
    assert said == [
        "flink.checkpoint_dir: s3://bucket/x is not a folder that can be searched from here: "
        "redis is given everything again, harmlessly"
    ]


def test_what_a_job_goes_on_from_is_named_by_job() -> None:
    kinds = ("score", "redis")
    assert parse(["score=s3://a=b", "redis=/c"], kinds) == {"score": "s3://a=b", "redis": "/c"}
    for wrong in ("score", "score=", "kafka=/c", "=/c", "/c"):
        with pytest.raises(UserError, match=f"^--from {wrong}: use JOB=PATH, with a job of score,"):
            parse([wrong], kinds)


def test_a_broken_file_is_no_file(home: Home) -> None:
    (home.folder("flink") / "jobs.json").write_text("{")
    assert latest(Settings(), home, "score") is None
    remember(home, "score", JOB)
