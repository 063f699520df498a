"""`risk model`: what is refused before a server is asked, and what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk.cli.main import main

RANGE = ("--from", "2025-03-01", "--to", "2025-03-10")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*RANGE, "--as-of", "someday"), "risk: --as-of someday: use a time such as"),
        (("--from", "x", "--to", "2025-03-10"), "risk: --from x: use a time such as"),
        ((*RANGE, "--ruleset", "nothing"), "risk: --ruleset nothing: "),
        ((*RANGE, "--mature", "soon"), "risk: --mature soon: use a length of time"),
    ],
)
def test_a_set_that_cannot_be_asked_for(
    words: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RISK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RISK_POSTGRES__PORT", "1")
    assert main(["model", "build-set", str(tmp_path / "set.parquet"), *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("set.csv", "a training set is called set.parquet"),
        ("none/set.parquet", "none: make it first"),
    ],
)
def test_where_a_set_cannot_be_written(
    name: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RISK_DATA_DIR", str(tmp_path / "data"))
    assert main(["model", "build-set", str(tmp_path / name), *RANGE]) == 2
    assert message in capsys.readouterr().err


def test_a_run_and_a_ruleset_are_two_things(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["model", "build-set", "set.parquet", *RANGE, "--run", "r", "--ruleset", "default"])
    assert ended.value.code == 2
    assert "not allowed with" in capsys.readouterr().err
