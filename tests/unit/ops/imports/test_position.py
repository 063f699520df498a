"""Where an import goes on, and when it says that it doesn't know."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from risk.errors import UserError
from risk.ops.imports.position import Position, PositionFile, begin
from risk.stack.process import Home

FILE = Path("p.csv")
HALF = Position(file="p.csv", now=1, sort=False, rows=12, payments=10, labels=4, rejected=2, sent=7)
DONE = msgspec.structs.replace(HALF, sent=14, done=True)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = PositionFile(Home(tmp_path / "data"), "a" * 64)
    assert file.read() is None
    file.write(HALF)
    file.write(DONE)
    assert file.read() == DONE


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    file = PositionFile(Home(tmp_path / "data"), "a" * 64)
    file.path.write_bytes(b'{"file": "p.c')
    with pytest.raises(UserError, match=r"--anew imports the file anew"):
        file.read()


def test_one_import_at_a_time(tmp_path: Path) -> None:
    file = PositionFile(Home(tmp_path / "data"), "a" * 64)
    with file.held(), pytest.raises(UserError, match="by another process"), file.held():
        pass


@pytest.mark.parametrize(
    ("kept", "resume", "anew", "wanted"),
    [
        (None, False, False, None),
        (None, False, True, None),
        (HALF, True, False, HALF),
        (HALF, False, True, None),
        (DONE, True, False, DONE),
        (DONE, False, True, None),
    ],
)
def test_where_it_goes_on(
    kept: Position | None, resume: bool, anew: bool, wanted: Position | None
) -> None:
    assert begin(kept, resume, anew, FILE) == wanted


@pytest.mark.parametrize(
    ("kept", "resume", "why"),
    [
        (None, True, "--resume: p.csv was never begun with this map"),
        (HALF, False, "an import of p.csv stopped after 7 of 14 messages: --resume goes on"),
        (DONE, False, "p.csv was imported with this map before: --anew sends it once more"),
    ],
)
def test_what_is_not_clear_is_asked(kept: Position | None, resume: bool, why: str) -> None:
    with pytest.raises(UserError) as refused:
        begin(kept, resume, False, FILE)
    assert str(refused.value).startswith(why)
