"""`risk chaos` from a terminal: what is planned, and what is refused before anything is done."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from risk.cli.chaos import check_isolation
from risk.cli.chaos_show import show_plan
from risk.cli.main import main, parser
from risk.config.settings import Settings
from risk.errors import UserError
from risk.stack.process import Home
from risk.verify.chaos import stage
from risk.verify.chaos.plan import Action


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RISK_KAFKA__BOOTSTRAP", raising=False)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["chaos", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_plan_is_told_without_any_server(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "--plan", "--json", "--faults", "7", "--seed", "11")
    assert code == 0
    plan = json.loads(out)
    assert len(plan) == 7
    assert plan == json.loads(told(capsys, "--plan", "--json", "--faults", "7", "--seed", "11")[1])
    assert plan != json.loads(told(capsys, "--plan", "--json", "--faults", "7", "--seed", "12")[1])


def test_a_plan_to_read_has_a_line_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "--plan", "--faults", "3", "--only", "^freeze-store redis")
    assert code == 0
    assert out.count("freeze-store") == 3


def test_faults_that_harm_are_not_planned_for_servers_that_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = told(capsys, "--plan", "--json", "--faults", "200", "--here")
    kinds = {action["kind"] for action in json.loads(out)}
    assert "kill-store" in kinds
    assert not kinds & {"empty-store", "no-checkpoints", "black-hole-store"}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("earthquake", "--only earthquake: no fault is like that: there are kill-taskmanager"),
        ("(", "--only (: not a pattern"),
    ],
)
def test_a_pattern_of_nothing_is_the_users_mistake(
    capsys: pytest.CaptureFixture[str], pattern: str, message: str
) -> None:
    code, _, err = told(capsys, "--plan", "--only", pattern)
    assert code == 2
    assert message in err


def test_a_foreign_broker_is_left_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RISK_KAFKA__BOOTSTRAP", "kafka.example:9092")
    code, _, err = told(capsys, "--plan")
    assert code == 2
    assert "kafka.bootstrap" in err


@pytest.mark.parametrize(
    "before",
    [
        ("--plan",),
        ("--here",),
        ("--seed", "7"),
        ("--faults", "3"),
        ("--only", "kill-"),
        ("--prompt", "2"),
        ("--wait", "5"),
        ("--report", "x.json"),
    ],
)
def test_what_is_not_of_isolation_is_told_before_anything_is_harmed(
    capsys: pytest.CaptureFixture[str], before: tuple[str, ...]
) -> None:
    with pytest.raises(UserError, match=f"{before[0]}: isolation has no use for it"):
        isolated(*before)
    assert capsys.readouterr() == ("", "")


def isolated(*before: str) -> argparse.Namespace:
    """What `risk chaos … isolation …` is understood as; `UserError` if it isn't."""
    args = parser(["chaos"]).parse_args(["chaos", *before, "isolation", "--store", "redis"])
    check_isolation(args.run.args[0], args)
    return args


def test_what_chaos_and_isolation_both_take_counts_on_either_side() -> None:
    assert (isolated().rate, isolated().json) == (100.0, False)
    said = isolated("--rate", "500", "--json")
    assert (said.rate, said.json) == (500.0, True)
    after = parser(["chaos"]).parse_args(
        ["chaos", "isolation", "--store", "redis", "--rate", "7", "--json"]
    )
    assert (after.rate, after.json) == (7.0, True)


@pytest.mark.parametrize("pattern", ["a{99999999999}", "(" * 5_000 + ")" * 5_000])
def test_a_pattern_that_is_too_much_is_the_users_mistake(
    capsys: pytest.CaptureFixture[str], pattern: str
) -> None:
    code, out, err = told(capsys, "--plan", "--only", pattern)
    assert (code, out) == (2, "")
    assert err.startswith(f"risk: --only {pattern[:80]}: not a pattern: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("seed", ["-1", "9" * 400, "1_000"])
def test_a_seed_is_a_whole_number_that_a_file_can_be_named_by(
    capsys: pytest.CaptureFixture[str], seed: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["chaos", "--plan", "--seed", seed])
    assert ended.value.code == 2
    assert "--seed" in capsys.readouterr().err


def test_a_report_that_has_no_place_is_told_before_the_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    code, out, err = told(capsys, "--report", str(tmp_path / "file" / "x.json"))
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith(f"risk: --report {tmp_path}/file/x.json: ")


def test_a_second_run_leaves_the_first_ones_servers_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "data-chaos")
    kept = home.folder("kafka") / "log"
    kept.touch()
    with (
        stage.alone(home),
        pytest.raises(UserError, match="another run of this runs"),
        stage.own(Settings(), home, 1, 50.0, lambda _: None),
    ):
        raise AssertionError
    assert kept.exists()


def test_a_plan_names_its_faults_on_a_narrow_terminal() -> None:
    out = io.StringIO()
    narrow = Console(file=out, width=40, force_terminal=True, color_system=None)
    show_plan(narrow, [Action("black-hole-store", "elasticsearch", 5.0, 2.0)])
    shown = out.getvalue()
    assert "black-hole-store" in shown
    assert "elasticsearch" in shown
    assert max(map(len, shown.splitlines())) <= 40
