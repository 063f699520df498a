"""`risk model`: what is refused before a server is asked, and what is shown."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from risk.cli.main import main
from risk.verify.quality.training import Plan, train_on, write
from tests.unit.verify.training_sets import loaded, trainer, versions

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


@pytest.fixture
def model(tmp_path: Path) -> tuple[Path, Path]:
    """A model with its card, and the set that it was trained on."""
    found, out = loaded(tmp_path), tmp_path / "card.json"
    write(train_on(found, Plan("card", "forest"), out, None, print, trainer, versions))
    return out, tmp_path / "set.parquet"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = main(["model", *map(str, words)])
    out, errors = capsys.readouterr()
    return code, out, errors


def test_a_model_is_judged_in_tables(
    model: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    code, out, errors = run(capsys, "evaluate", *model, "--resamples", 20)
    assert code == 0
    assert errors.startswith("left out are ")
    for line in (
        "figure\tvalue\tfrom\tto\n",
        "\nAUC ROC\t0.",
        "\nrecall at 0.1 % FPR\t0.",
        "# reliability: ",
        "# costs in minor units of EUR, 500 a review of an honest payment\n",
        ": the card's; F1, precision and recall are of it\nits cost is ",
        "too few frauds to judge, by country: ",
    ):
        assert line in out
    assert "too few frauds to judge, by channel: pos (" in out
    assert "# by group" not in out
    code, out, errors = run(capsys, "evaluate", *model, "--all", "--resamples", 20)
    assert "a model may know them" in errors
    assert "# by group\ngroup\tpayments\tfrauds\tAUC ROC\tavg. prec.\trecall at 1 %\n" in out
    assert "\ncountry DE\t" in out
    file = model[0].with_name("page.html")
    code, out, _ = run(capsys, "evaluate", *model, "--resamples", 20, "--html", file)
    assert out.endswith(f"the page is {file}\n")
    assert file.read_text().startswith("<!doctype html>")
    assert run(capsys, "evaluate", *model, "--html", file / "x")[0] == 2
    code, out, _ = run(capsys, "evaluate", *model, "--json", "--threshold", 300)
    told = json.loads(out)
    assert (told["threshold"], told["threshold_by"]) == (300, "option")
    assert told["resamples"] == 200


def test_tables_fit_80_columns(
    model: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("risk.cli.models.evaluate.console", narrow := terminal())
    monkeypatch.setattr("risk.cli.models.compare.console", narrow)
    assert run(capsys, "evaluate", *model, "--resamples", 20)[0] == 0
    assert run(capsys, "compare", model[0], *model, "--resamples", 20)[0] == 0
    assert isinstance(narrow.file, io.StringIO)
    tables = [line for line in narrow.file.getvalue().splitlines() if line[:1] in "┏┃┡│├└"]
    assert len(tables) > 40
    assert max(map(len, tables)) <= 80


def terminal() -> Console:
    return Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)


def test_two_models_are_compared(
    model: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "compare", model[0], *model, "--resamples", 20)
    assert code == 0
    assert "figure\tA\tB\tB - A\tfrom\tto\tbetter\n" in out
    assert out.endswith("nobody wins: every difference may be chance\n")
    told = json.loads(run(capsys, "compare", model[0], *model, "--json")[1])
    assert (told["winner"], told["a"]["threshold_by"]) == ("", "card")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("evaluate", "none.json", "set.parquet"), "none.json: no such file: `risk model train`"),
        (("evaluate", "card.json", "none.parquet"), "none.json: no such file: the manifest of"),
        (("evaluate", "card.json", "set.csv"), "set.csv: a training set is called set.parquet"),
        (("evaluate", "set.json", "set.parquet"), "set.json: "),
        (("compare", "card.json", "card.json", "cut.parquet"), "cut.parquet: its SHA-256 is not"),
        (
            ("train", "set.parquet", "--kind", "forest", "--name", "Card", "--out", "Card.json"),
            "--name Card: a name is of small letters, digits and _",
        ),
        (
            ("train", "set.parquet", "--kind", "forest", "--name", "card", "--out", "b.json"),
            "--out b.json: a model called card is in a file called card.json",
        ),
        (
            ("train", "set.parquet", "--kind", "forest", "--name", "a", "--out", "no/x/a.json"),
            "--out no/x/a.json: there is no folder no",
        ),
        (
            ("train", "cut.parquet", "--kind", "forest", "--name", "a", "--out", "a.json"),
            "cut.parquet: its SHA-256 is not the one in cut.json",
        ),
    ],
)
def test_bad_input_is_one_line(
    words: tuple[str, ...],
    message: str,
    model: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(model[1].parent)
    Path("cut.parquet").write_bytes(model[1].read_bytes()[:-1])
    Path("cut.json").write_bytes(model[1].with_suffix(".json").read_bytes())
    code, out, errors = run(capsys, *words)
    (line,) = errors.splitlines()
    assert (code, out) == (2, "")
    assert line.startswith(f"risk: {message}")


def test_a_model_is_trained_and_its_card_written(
    model: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in = partial(train_on, trainer=trainer, versions=versions)
    monkeypatch.setattr("risk.cli.models.train.train_on", stand_in)
    out = model[0].parent / "shop" / "models" / "odd.json"
    out.parent.parent.mkdir()
    words = ("train", model[1], "--kind", "isolation", "--name", "odd", "--out", out)
    code, said, errors = run(capsys, *words)
    assert code == 0
    assert errors.startswith("training isolation on ")
    assert f"the model is {out}, its card {out.with_suffix('.md')}\n" in said
    assert 'a rule asks anomaly("odd") >= ' in said
    assert json.loads(run(capsys, *words, "--json")[1])["kind"] == "isolation"
