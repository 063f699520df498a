"""Every `risk …` that a document, an alert, a dashboard or a message names can be typed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pytest
import yaml

from risk.cli.main import parser

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
RULES = sorted((ROOT / "docker" / "prometheus" / "rules").glob("*.yml"))
CODE = ("cli", "stack", "flink_jobs", "sinks", "risk", "monitoring", "generator")
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(risk [^`]+)`")
# In a sentence: a word, then words and options; a value in capitals stands for any.
SENTENCE = re.compile(r"\brisk( [a-z][a-z-]+)(( [a-z]+\b(?![.'(])| --[a-z-]+( [A-Z]+)?)*)")
ROOT_PARSER = parser()
(COMMANDS,) = (
    set(action.choices or ()) for action in ROOT_PARSER._actions if action.metavar == "command"
)
# What a word in capitals stands for: one of these is right.
VALUES = ("postgres", "default", "3", "scoring.batch_ms=20")


def wrong(words: list[str]) -> str:
    """What is wrong with a command, in argparse's words; nothing if it lacks but arguments."""
    said = [
        _wrong([value if w == w.upper() != w.lower() else w for w in words]) for value in VALUES
    ]
    return "" if "" in said else said[0]


def _wrong(words: list[str]) -> str:
    said = StringIO()
    try:
        with redirect_stderr(said):
            ROOT_PARSER.parse_args(words)
    except SystemExit as ended:
        message = said.getvalue().strip().rpartition("error: ")[2]
        return "" if not ended.code or "are required" in message else message
    return ""


def variants(words: list[str]) -> Iterator[list[str]]:
    """The commands that a synopsis stands for: `a|b` is either, brackets may be left out."""
    ways = [re.sub(r"[][…]", "", word).rstrip(",").split("|") for word in words]
    for number in range(max(map(len, ways), default=0)):
        yield [way[min(number, len(way) - 1)] for way in ways if way != [""]]


def shell(block: str) -> Iterator[list[str]]:
    """The commands of a block of a shell's lines."""
    for line in block.replace("\\\n", " ").splitlines():
        found = re.match(r"(?:\$ |[A-Z_]+=\S+ )*(?:\S*/)?risk (.*)", line)
        if found:
            words = shlex.split(found[1], comments=True)
            end = next((at for at, word in enumerate(words) if word in ("|", ">", "&&", "&")), None)
            yield from variants(words[:end])


def documented(text: str) -> Iterator[list[str]]:
    for block in FENCE.findall(text):
        yield from shell(block)
    yield from inline(FENCE.sub("", text))


def inline(text: str) -> Iterator[list[str]]:
    for one in INLINE.findall(text):
        if "{" not in one:  # what a program fills in
            yield from variants(
                shlex.split(re.sub(r" *\| *", "|", re.sub(r'"?\s*\n\s*"?', " ", one)))[1:]
            )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_of_a_document(path: Path) -> None:
    for words in documented(path.read_text(encoding="utf-8")):
        assert not wrong(words), f"risk {shlex.join(words)}: {wrong(words)}"


def test_of_the_alerts() -> None:
    found = []
    for path in RULES:
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            for rule in group["rules"]:
                for text in rule.get("annotations", {}).values():
                    found += [one[0] for one in SENTENCE.finditer(text)]
    assert len(found) >= 5
    for one in found:
        words = one.split()[1:]
        assert words[0] in COMMANDS, one
        # A sentence may go on behind the command: what argparse takes of it has to be one.
        assert any(not wrong(words[:end]) for end in range(1, len(words) + 1)), one
        assert not [w for w in words if w.startswith("--") and w in wrong(words)], one


@pytest.mark.parametrize("folder", CODE)
def test_of_messages_and_comments(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        for words in inline(path.read_text(encoding="utf-8")):
            assert not wrong(words), f"{path}: risk {shlex.join(words)}: {wrong(words)}"


def test_a_command_that_is_not_there_is_found() -> None:
    assert "invalid choice" in wrong(["dlqq"])
    assert "unrecognized" in wrong(["status", "--nonsense"])
    assert not wrong(["rebuild"])
    assert list(
        documented("`risk nothing`\n```\nA=1 .venv/bin/risk up --x \\\n  y | cat # z\n```")
    ) == [
        ["up", "--x", "y"],
        ["nothing"],
    ]
