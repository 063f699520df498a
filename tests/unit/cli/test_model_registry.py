"""`risk model register|list|show|deployments`: what is refused, and how rows are shown."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from risk.cli import tables
from risk.cli.main import main
from risk.cli.models import deployments, registered
from risk.cli.tables import Table
from risk.registry.deployments import Deployment
from risk.registry.models import Registered
from tests.unit.engine.rules.test_models import model

SINCE = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "card.json"
    path.write_text(model(), "utf-8")
    return path


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """The one line that a command ends with."""
    assert main(["model", *map(str, words)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    return told


def test_what_is_no_model_or_no_card_of_it_is_refused(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, other = file.with_name("none.json"), file.with_name("other.md")
    assert "none.json: no such file" in refused(capsys, "register", missing)
    told = refused(capsys, "register", file, "--card", other)
    assert "other.md: no such file: a card of" in told
    other.write_text("# notes of somebody\n", "utf-8")
    assert f"other.md: no card of {file}" in refused(capsys, "register", file, "--card", other)
    file.write_text("{", "utf-8")
    assert "card.json: not JSON" in refused(capsys, "register", file)


@pytest.mark.parametrize("note", ["a\nb", "\udcff", "x" * 1_001])
def test_a_note_is_a_line(file: Path, note: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--note: one line of at most 1,000" in refused(capsys, "register", file, "--note", note)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-11-01T25:00"])
def test_a_moment_is_one(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "write a moment such as" in refused(capsys, "deployments", f"--at={text}")


def rows(table: Table) -> list[list[str]]:
    """As they are printed to a pipe."""
    out = io.StringIO()
    tables.show(Console(file=out, width=200), table)
    return [re.split("\t", line) for line in out.getvalue().splitlines()]


def test_models_are_listed_with_what_they_are_now() -> None:
    figures = {"auc_roc": {"value": 0.91, "low": 0.9, "high": None}}
    one = Registered(
        sha256="0123456789ab" + "0" * 52,
        name="card",
        kind="boosting",
        card={"figures": figures},
        note="without weekends",
        created_at=SINCE,
        status="rollout",
    )
    shown = rows(registered.listing([one]))[-1]
    assert shown[:3] == ["card", "0123456789ab", "rollout"]
    assert shown[-2:] == ["2026-11-01 12:30:00", "without weekends"]
    assert ["AUC ROC", "0.910", "0.900", ""] in rows(registered.figures(one))


def test_deployments_are_listed_with_their_shares() -> None:
    one = Deployment(
        *(7, "default", 4, "f" * 64, "card", "card_next", "0123456789ab" + "0" * 52),
        *("challenger", 5, "2026-11", "live-1", {"10": 3, "2": 9}, SINCE),
    )
    shown = rows(deployments.listing([one], "deployments"))[-1]
    wanted = ["2026-11-01 12:30:00", "default:4", "card", "challenger", "card_next"]
    assert shown[:5] == wanted
    assert shown[5:] == ["0123456789ab", "0.5 %", "live-1", "2:9,10:3"]
