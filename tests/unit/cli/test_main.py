"""`risk` alone: all commands are told of, and one is run without what only others need."""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys

import pytest

from risk.cli.common import number, whole
from risk.cli.main import COMMANDS, main, parser

HEAVY = ("elasticsearch", "pyflink", "risk.cli.bench")
CODE = f"""
import sys
from risk.cli.main import parser
parser(["rules"])
print([name for name in {HEAVY} if name in sys.modules])
"""


def test_help_tells_of_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out.split()
    assert not [name for name in COMMANDS if name.replace("_", "-") not in shown]


def test_an_unknown_command_is_told_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["scoer"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "invalid choice: 'scoer'" in said
    assert "'warm-up'" in said


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(["stauts"], "status"), (["warm_up"], "warm-up"), (["dlq", "resned"], "resend")],
)
def test_a_mistyped_word_is_told_which_was_meant(
    typed: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(typed)
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(f": did you mean {meant}?\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_80_columns_and_has_an_example(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    name = name.replace("_", "-")
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    examples = re.split(r"^examples?:", shown, flags=re.MULTILINE)[1]
    typed = re.findall(r"^[A-Z_:0-9a-z= ]*\brisk (.*?)(?:\||  |$)", examples, re.MULTILINE)
    assert typed
    for line in typed:
        words = shlex.split(line, comments=True)
        assert words[0] == name
        parser([name.replace("-", "_")]).parse_args(words)


def test_a_command_does_not_wait_for_the_modules_of_others() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--rate", "fast"), "argument --rate: fast: a number from 0.5 to 5000"),
        (("--rate", "nan"), "argument --rate: nan: a number from 0.5 to 5000"),
        (("--rate", "5001"), "argument --rate: 5001: a number from 0.5 to 5000"),
        (("--users", "1.5"), "argument --users: 1.5: a whole number from 1 to 10000000"),
        (("--users", "1_0"), "argument --users: 1_0: a whole number from 1 to 10000000"),
        (("--users", "0"), "argument --users: 0: a whole number from 1 to 10000000"),
    ],
)
def test_a_number_out_of_bounds_is_told_its_bounds(
    given: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=number(0.5, 5_000))
    parser.add_argument("--users", type=whole(1, 10_000_000))
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(given)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
