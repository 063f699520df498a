"""`risk promote --bootstrap`: a span in words, and what else is refused."""

from __future__ import annotations

import pytest

from risk.cli.main import main
from risk.cli.promote import _span


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("7d", 7 * 86_400_000), ("12h", 12 * 3_600_000), ("30m", 1_800_000)],
)
def test_a_span_is_days_hours_or_minutes(text: str, milliseconds: int) -> None:
    assert _span(text) == milliseconds


@pytest.mark.parametrize("text", ["7", "0d", "d", "1.5h", "7 d", "-1d", "1w"])
def test_anything_else_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["promote", "strict", f"--bootstrap={text}"])
    assert ended.value.code == 2
    assert f"--bootstrap: {text}: a whole number of d, h or m" in capsys.readouterr().err
