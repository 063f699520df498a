"""`risk soak` from a terminal: what is refused, and what is shown."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from risk.cli.main import main, parser
from risk.cli.soak import KINDS, line, order_of
from risk.cli.soak_page.page import page
from risk.cli.soak_show import show
from risk.config.settings import Settings
from risk.verify.soak import load
from risk.verify.soak.perform import Order
from risk.verify.soak.processes import Usage
from risk.verify.soak.report import Report
from risk.verify.soak.sampler import JobFigures, Sample
from tests.unit.verify.soak.test_report import ACCOUNTS, report, sample


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RISK_KAFKA__BOOTSTRAP", raising=False)


def order(*arguments: str) -> Order:
    return order_of(parser(["soak"]).parse_args(["soak", *arguments]))


def concluded() -> Report:
    found = report([sample(5.0 * at, 300 + at) for at in range(721)])
    found.conclude(Settings(), ["<script>alert(1)</script>"])
    return found


def test_each_kind_of_traffic_has_its_length() -> None:
    assert KINDS == load.KINDS
    assert (order().minutes, order().kind) == (60.0, "steady")
    assert order("--traffic", "overload").minutes == 2
    assert order("--traffic", "new-keys").minutes == 10
    assert order("--traffic", "one-user").payments == 1_000_000
    assert order("--traffic", "new-keys", "--seed", "9").report.name == "soak-new-keys-9.json"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--traffic", "one-user", "--minutes", "3"), "--minutes: one user's payments go"),
        (("--traffic", "one-user", "--here"), "--here: one user's payments are counted"),
        (("--payments", "5"), "--payments: steady goes on for so long: say --minutes"),
        (("--report", "x.html"), "--report x.html: the plot gets this name"),
    ],
)
def test_what_does_not_go_together_is_told_before_the_run(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert main(["soak", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_a_foreign_broker_is_left_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RISK_KAFKA__BOOTSTRAP", "kafka.example:9092")
    assert main(["soak"]) == 2
    assert "kafka.bootstrap" in capsys.readouterr().err


def test_a_report_that_has_no_place_is_told_before_the_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    assert main(["soak", "--report", str(tmp_path / "file" / "x.json")]) == 2
    assert "--report" in capsys.readouterr().err


def test_the_tables_fit_on_a_terminal_of_80_columns() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, color_system=None)
    found = concluded()
    found.problems = []
    show(console, found)
    shown = out.getvalue()
    assert max(map(len, shown.splitlines())) <= 80
    for part in ("per hour", "limit", "memory", "kafka", "BREACH", "mismatches"):
        assert part in shown


def test_each_breach_has_a_line() -> None:
    out = io.StringIO()
    found = concluded()
    show(Console(file=out, width=300), found)
    assert len(found.problems) == 2
    for problem in found.problems:
        assert problem in out.getvalue().splitlines()


def test_progress_is_a_line() -> None:
    taken = Sample(
        30.0,
        {"kafka": Usage(400.0, 1, 1), "redis": Usage(100.0, 1, 1)},
        {"score": JobFigures(1_200, 3.0, 0.1, 0), "redis": JobFigures(7)},
    )
    assert line(taken, 3_600.0) == "30 s of 3,600: memory 500 MiB, state 3 MiB, lag 1,200"


def test_the_page_needs_nothing_else_and_what_it_is_told_is_text() -> None:
    text = page(concluded())
    assert text.count("<svg") == 7
    assert text.count("<polyline") == 7
    assert "&lt;script&gt;alert(1)" in text
    assert not re.search(r"(?:src|href)=|<script|@import|url\(", text)
    assert "nan" not in text.lower()


def test_every_line_is_within_its_plot() -> None:
    pattern = r'<svg viewBox="0 0 (\d+) (\d+)"[^>]*>.*?points="([^"]*)"'
    found = re.findall(pattern, page(concluded()), re.DOTALL)
    assert len(found) == 7
    for width, height, points in found:
        for x, y in (one.split(",") for one in points.split()):
            assert 0 <= float(x) <= float(width)
            assert 0 <= float(y) <= float(height)


def test_a_run_of_no_samples_has_a_page() -> None:
    empty = report([])
    empty.accounts = ACCOUNTS
    empty.conclude(Settings(), [])
    assert page(empty).count("<svg") == 7
