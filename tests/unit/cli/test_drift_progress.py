"""While `risk drift` reads, it says so where no terminal shows it."""

from __future__ import annotations

import pytest

from risk.cli import drift_progress
from risk.cli.drift_progress import Progress
from risk.waiting import until


def test_what_takes_long_is_told_once_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(drift_progress, "EVERY_S", 0.01)
    said = ""

    def told(words: str) -> bool:
        nonlocal said
        said += capsys.readouterr().err
        return words in said

    with Progress() as progress:
        progress.say("reference: counting payments")
        assert until(lambda: told("counting payments\n"), 60, 0.01)
        progress.say("reference: 2,000 payments")
        assert until(lambda: told("2,000 payments\n"), 60, 0.01)
    assert said.splitlines() == ["reference: counting payments", "reference: 2,000 payments"]


def test_what_is_quick_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        progress.say("reference: counting payments")
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "")
