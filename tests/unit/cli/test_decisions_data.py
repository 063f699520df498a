"""`risk bench decisions --data`: what it prints, and how it refuses what can't be judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from risk.cli.main import main
from risk.paths import ROOT
from tests.unit.verify.test_labelled import payments

EXAMPLES = ROOT / "docs" / "examples"
MAP = str(EXAMPLES / "handbook-cents.yaml")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV file of labelled payments."""
    path = tmp_path_factory.mktemp("data") / "payments.csv"
    rows = ["id,t,user,merchant,cents,is_fraud"]
    for one in payments():
        sent = json.loads(one.value)
        ids = f"{one.event_id},{one.event_time},{one.user_id},{sent['merchant_id']}"
        rows.append(f"{ids},{sent['amount']},{int(bool(one.label and one.label.fraud))}")
    path.write_text("\n".join(rows) + "\n")
    return path


def command(data: Path, *more: str) -> int:
    folder = str(EXAMPLES / "handbook")
    return main(["bench", "decisions", folder, "--data", str(data), *more])


def test_one_json_object_says_all(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(data, "--map", MAP, "--starts", "3,17", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    (ruleset,) = found["rulesets"]
    assert found["protocol"] == {"train": 7, "delay": 7, "test": 7, "starts": [3, 17]}
    assert set(ruleset["weeks"]) == {"3", "17"}
    assert set(ruleset["rules"]) == {
        *("payments", "frauds", "auc_roc", "average_precision", "card_precision_100"),
        "recall_at_fpr",
    }
    assert ruleset["weeks"]["17"]["auc_roc"] > 0.99


def test_a_table_has_a_row_a_week(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(data, "--map", MAP, "--starts", "17") == 0
    out = capsys.readouterr().out
    assert "day 17" in out
    assert "mean" in out


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ((), "--data: say what its columns are, --map, and which weeks count, --starts"),
        (("--map", MAP, "--starts", "30"), "--starts 30: 0 of 0 payments are fraud"),
        (("--map", "no-such.yaml", "--starts", "3"), "no-such.yaml: No such file"),
    ],
)
def test_what_cannot_be_judged_is_told_in_one_line(
    data: Path, more: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(data, *more) == 2
    lines = capsys.readouterr().err.splitlines()
    assert told in lines[-1]


def test_days_are_numbers(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command(data, "--map", MAP, "--starts", "monday")
    assert ended.value.code == 2
    assert "'monday': write days as 115,122" in capsys.readouterr().err
