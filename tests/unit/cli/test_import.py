"""`risk import` up to where a server is needed: the dry run, and what is refused before it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from risk.cli.main import main
from tests.unit.ops.imports.maps import CSV, LABELS, PAYMENTS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RISK_DATA_DIR", str(tmp_path / "data"))
    Path("p.csv").write_text(CSV)
    Path("map.yaml").write_text(PAYMENTS + LABELS)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["import", *words, "--map", "map.yaml"])
    out, errors = capsys.readouterr()
    return code, out, errors


def dry(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    code, out, errors = run(capsys, "p.csv", "--dry-run", "--json", *words)
    return code, json.loads(out), errors


def test_a_dry_run_shows_columns_and_sums(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, errors = run(capsys, "p.csv", "--dry-run")
    assert (code, errors) == (0, "")
    assert "euros\tdecimal\t0.0%\t3\t0.99\t12.34\t12.34\n" in out
    assert "mcc\tinteger\t33.3%\t2\t742\t5411\t742\n" in out
    for line in ("rows\t3", "payments\t3", "labels\t2", "  fraud\t1", "rejected\t0"):
        assert f"\n{line}\n" in out
    assert not list(folder.glob("*.rejected*"))


def test_a_dry_run_tells_the_first_faults_and_what_would_be_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("p.csv").write_text(CSV.replace("12.34", "much").replace(",0.99", ",0.999"))
    code, out, errors = run(capsys, "p.csv", "--dry-run", "--rejects", "bad.jsonl")
    assert code == 1
    assert "1\teuros\tunreadable\tamount: 'much' is no number\n" in out
    assert "  euros: unreadable\t2\n" in out
    assert errors.startswith(
        "risk: would be refused: 2 of 3 rows are no payments, the first is row 1, column euros: "
    )
    kept = [json.loads(line) for line in Path("bad.jsonl").read_text().splitlines()]
    assert [one["row"] for one in kept] == [1, 3]
    assert kept[0]["values"]["euros"] == "much"
    assert run(capsys, "p.csv", "--dry-run", "--max-rejects", "2")[0] == 0


def test_the_first_rows_alone_can_be_looked_at(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("p.csv").write_text(CSV.replace("0.99", "much"))
    assert dry(capsys)[1]["rejected"] == 1
    code, found, _ = dry(capsys, "--rows", "2")
    assert (code, found["rows"], found["rejected"]) == (0, 2, 0)


def test_a_file_out_of_order_is_refused_with_the_way_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("p.csv").write_text(CSV.replace("2025-03-01T10:00:00", "2025-03-01T11:00:00"))
    code, found, errors = dry(capsys)
    assert (code, found["late"], found["late_row"]) == (1, 2, 2)
    assert "by up to 3,595 s, the first is row 2" in errors
    assert "--sort sends all by event time" in errors
    assert dry(capsys, "--sort")[0] == 0


def test_without_rows_there_is_nothing_to_refuse(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("p.csv").write_text(CSV.splitlines()[0])
    code, found, errors = dry(capsys)
    assert (code, found["rows"], errors) == (0, 0, "")


@pytest.mark.parametrize(
    ("file", "map_", "said"),
    [
        ("none.csv", None, "risk: none.csv: there is no such file\n"),
        ("p.csv", PAYMENTS.replace("who", "whom"), r"risk: map.yaml:3:12: the file has no column "),
        ("p.csv", "payments: {}\n", r"risk: map.yaml:1:11: '\w+' is missing\n"),
    ],
)
def test_what_does_not_fit_is_refused(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    map_: str | None,
    said: str,
) -> None:
    if map_:
        Path("map.yaml").write_text(map_)
    code, out, errors = run(capsys, file, "--dry-run")
    assert (code, out) == (2, "")
    assert re.match(said, errors)


def test_a_rate_is_a_number_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    for rate in ("0", "-5", "fast", "5/m"):
        with pytest.raises(SystemExit) as ended:
            main(["import", "p.csv", "--map", "m", "--rate", rate])
        assert ended.value.code == 2
        assert f"{rate}: payments a second, such as 500/s" in capsys.readouterr().err
