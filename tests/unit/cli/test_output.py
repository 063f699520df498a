"""Odd files, names and outputs: one line for the user, never a traceback."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from risk.cli.common import make_console

ROOT = Path(__file__).parents[3]
RISK = (sys.executable, "-c", "import sys; from risk.cli.main import main; sys.exit(main())")
HEAD = "name: shop\nversion: 1\ndescription: {about}\nthresholds: {{review: 50, block: 80}}\n"
RULE = """\
id: big
version: 1
points: 60
description: {about}
when: amount > 500
reason: {about}
tests:
  - {{name: large, hit: true, given: {{amount: 600}}}}
  - {{name: small, hit: false, given: {{amount: 20}}}}
"""
ODD = '"[/x] [bold] [red]red[/red] [link=http://x]y[/] \\\\[/] :smile:"'


def risk(
    *arguments: str | bytes, environment: Mapping[str, str] | None = None, output: str | None = None
) -> tuple[int, bytes, Sequence[str]]:
    with open(output or os.devnull, "wb") as out:
        done = subprocess.run(
            (*RISK, *arguments),
            cwd=ROOT,
            stdout=out if output else subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Unbuffered, argparse's own text would fail without a word.
            env={**os.environ, "PYTHONUNBUFFERED": "", **(environment or {})},
            check=False,
        )
    return done.returncode, done.stdout or b"", done.stderr.decode().splitlines()


@pytest.fixture
def ruleset(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "ruleset.yaml").write_text(HEAD.format(about=ODD))
    (folder / "big.yaml").write_text(RULE.format(about=ODD))
    return folder


def test_brackets_in_a_rule_are_shown_as_they_stand(ruleset: Path) -> None:
    for action in ("check", "show"):
        code, out, said = risk("rules", action, str(ruleset))
        assert (code, said) == (0, [])
    assert out.decode().count("[/x] [bold] [red]red[/red] [link=http://x]y[/] \\[/] :smile:") == 3


@pytest.mark.parametrize("name", ["ruleset.yaml", "big.yaml"])
def test_a_rule_file_in_latin_1(ruleset: Path, name: str) -> None:
    (ruleset / name).write_bytes(b"# one\n# caf\xe9\n")
    code, _, (line,) = risk("rules", "check", str(ruleset))
    assert code == 2
    assert f"{name}:2: not UTF-8" in line


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"# one\ndata_dir: caf\xe9\n", "odd.yaml:2: not UTF-8"),
        (b"[" * 50_000, "odd.yaml:1:33: not YAML: nested too deep"),
        (b"{a: " * 50_000, "nested too deep"),
        (b"\xff\xfea\0", "odd.yaml:1: not UTF-8"),
        (b"redis: {tls: true, ca_location: /no/ca.pem}", "redis.ca_location: /no/ca.pem: there is"),
    ],
)
def test_a_settings_file_that_cannot_be(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    code, _, (line,) = risk("rules", "check", environment={"RISK_SETTINGS_FILE": str(path)})
    assert code == 2
    assert line.startswith("risk: ")
    assert message in line


@pytest.mark.parametrize("arguments", [("rules", "check"), ("--help",), ("rules", "check", "-h")])
def test_a_full_disk_under_the_output(arguments: tuple[str, ...]) -> None:
    code, _, said = risk(*arguments, output="/dev/full")
    assert (code, said) == (1, ["risk: output: No space left on device"])


def test_a_reader_that_has_seen_enough() -> None:
    command = subprocess.Popen(
        (*RISK, "rules", "check", "--all"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert command.stdout
    command.stdout.close()
    assert command.stderr
    assert command.stderr.read() == b""
    assert command.wait() == 1


def test_a_closed_output_and_a_terminal_of_ascii(ruleset: Path) -> None:
    shell = ("bash", "-c", '"$@" >&-', "bash")
    closed = subprocess.run(
        (*shell, *RISK, "rules", "check"), cwd=ROOT, capture_output=True, check=False
    )
    assert (closed.returncode, closed.stderr) == (0, b"")
    (ruleset / "big.yaml").write_text(RULE.format(about="Zoë"), encoding="utf-8")
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    status, out, said = risk("rules", "show", str(ruleset), environment=ascii_only)
    assert (status, said) == (0, [])
    assert b"Zo\\xeb" in out


def test_arguments_that_are_no_text() -> None:
    code, _, said = risk("rules", "check", b"caf\xe9")
    assert code == 2
    assert said[-1].startswith("risk: no ruleset caf\\udce9")


def test_no_text_is_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """Only one place makes consoles, and what looks like markup in the code would be shown."""
    make_console().print("[/x] [bold]b[/]")
    assert capsys.readouterr().out == "[/x] [bold]b[/]\n"
    for path in (*(ROOT / "cli").rglob("*.py"), *(ROOT / "bench").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if path.name != "common.py":
            assert not re.search(r"\bConsole\(", text), path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert "[/]" not in node.value, f"{path}:{node.lineno}: use rich.text.Text"
                assert not re.search(r"\[(bold|red|green|yellow|dim)\b", node.value), path
