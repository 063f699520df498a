"""What a user is told on standard error."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk.cli.main import main


def test_what_a_terminal_would_obey_is_shown_and_not_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", "evaluate", str(tmp_path / "\x1b[31mred.json"), "set.parquet"]) == 2
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert r"\x1b[31mred.json: no such file" in told


def test_what_an_option_was_given_is_shown_and_not_sent_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["secrets", "rotate", "--only", "\x1b[31mred"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert r"no accounts of \x1b[31mred" in told
