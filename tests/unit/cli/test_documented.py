"""Each command that a document has is one: its words, flags and values."""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from risk.cli.main import parser
from tests.documents import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
IN_LINE = re.compile(r"`(risk [^`]+)`")
# The words of a shape, which stand for others: `risk replay A|B [--json] …`.
SHAPE = re.compile(r"[…|\[\]<>]|\b[A-Z]{1,4}\b|NAME")


def commands(text: str) -> Iterator[tuple[str, bool]]:
    """The commands of a page, and whether somebody may type it as it stands."""
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("risk "):
                yield re.split(r" [|>&;]|\$\(", line)[0], True
    for words in IN_LINE.findall(BLOCK.sub("", text)):
        yield " ".join(words.split()), False


def fault(tree: argparse.ArgumentParser, command: str, whole: bool) -> str:
    """What is wrong with a command; empty if nothing is."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            tree.parse_args(shlex.split(command, comments=True)[1:])
    except SystemExit as end:
        named = not whole and "arguments are required" in said.getvalue()  # spoken of, not typed
        return said.getvalue() if end.code and not named else ""
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_are_known(page: Path) -> None:
    tree = parser()
    found = [
        f"{command}: {wrong}"
        for command, whole in commands(page.read_text(encoding="utf-8"))
        if not SHAPE.search(command.partition("#")[0]) and (wrong := fault(tree, command, whole))
    ]
    assert not found, "\n".join(found)


def test_what_is_no_command_is_found() -> None:
    text = "`risk dlq lst` `risk dlq list --stge x`\n```\nrisk restore\n```\n`risk restore`"
    found = [(one, whole) for one, whole in commands(text) if fault(parser(), one, whole)]
    assert found == [
        ("risk restore", True),
        ("risk dlq lst", False),
        ("risk dlq list --stge x", False),
    ]
